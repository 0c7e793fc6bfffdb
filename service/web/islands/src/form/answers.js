/* From the state of the form to answers and back: empty things dropped, RFC 6901 pointers read. Pure. */
import { isEmpty } from './complaints.js';

/** Answers without nulls, blanks, empty lists and empty rows; false and 0 stay. */
export function clean(value) {
  if (Array.isArray(value)) {
    const kept = value.map(clean).filter(item => item !== undefined);
    return kept.length ? kept : undefined;
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .map(([key, item]) => [key, clean(item)])
      .filter(([, item]) => item !== undefined);
    return entries.length ? Object.fromEntries(entries) : undefined;
  }
  if (typeof value === 'string') return value.trim() || undefined;
  return isEmpty(value) ? undefined : value;
}

/** Rows of the lists without the empty ones, so that row numbers of screen and answers agree; one row always stays. */
export function withoutEmptyRows(data) {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      if (!Array.isArray(value) || !value.length || value.some(row => row === null || typeof row !== 'object'))
        return [key, value];
      const filled = value.filter(row => clean(row) !== undefined);
      return [key, filled.length ? filled : value.slice(0, 1)];
    })
  );
}

/** '/answers/chemicals/0/product' → ['answers', 'chemicals', 0, 'product']. */
export function readPointer(pointer) {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Objects merged deeply; the second wins. */
export function merge(one, two) {
  if (!two || typeof two !== 'object' || Array.isArray(two)) return two ?? one;
  const result = { ...one };
  for (const [key, value] of Object.entries(two)) {
    result[key] = value && typeof value === 'object' && !Array.isArray(value) ? merge(result[key] || {}, value) : value;
  }
  return result;
}

/** Inputs named `applicant.name` under a node → {applicant: {name}}; unfilled ones are left out. */
export function namedInputs(node) {
  const result = {};
  for (const input of node.querySelectorAll('[name]')) {
    if (input.disabled || (['checkbox', 'radio'].includes(input.type) && !input.checked) || !input.value.trim())
      continue;
    const path = input.name.split('.');
    const holder = path.slice(0, -1).reduce((at, key) => (at[key] ??= {}), result);
    holder[path.at(-1)] = input.value.trim();
  }
  return result;
}
