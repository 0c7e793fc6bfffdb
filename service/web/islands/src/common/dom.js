/* Small steps with the document that every island needs. */

/** An element; attributes that are undefined, null or false are left out, `on…` are listeners. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';

/** An outline of the page's icon sheet (templates/_icons.html). */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** What stands as JSON in `<script type="application/json" id=…>`; `otherwise` when no id is given. */
export function inlineJson(id, otherwise) {
  if (!id) return otherwise;
  const script = document.getElementById(id);
  if (!script) throw new Error(`Expected a script with the id "${id}", but the page has none`);
  return JSON.parse(script.textContent);
}

export function announce(node, name, detail) {
  return node.dispatchEvent(new CustomEvent(`mj:${name}`, { bubbles: true, cancelable: true, detail }));
}

/** Mounts an island on each of its places; what fails is shown in the place and told to the console. */
export function mountAll(name, mount) {
  for (const node of document.querySelectorAll(`[data-island="${name}"]`)) {
    Promise.resolve()
      .then(() => mount(node))
      .then(
        () => {
          node.dataset.ready = '1';
          announce(node, 'ready', { name });
        },
        error => {
          node.dataset.failed = error.message;
          node.prepend(failure(error));
          console.error(error);
        }
      );
  }
}

const failure = error =>
  el(
    'div',
    { class: 'notice red', role: 'alert' },
    icon('halt'),
    el(
      'p',
      {},
      document.documentElement.lang.startsWith('en') ? 'This part did not load. ' : '这一部分没有载入。',
      el('span', { class: 'small muted' }, error.message)
    )
  );

/** Fills `{name}` in an address with parts of an answer, percent-encoded. */
export const fillAddress = (address, values) =>
  address.replace(/{(\w+)}/g, (all, name) => (values[name] === undefined ? all : encodeURIComponent(values[name])));
