/* Between what is typed and what is kept: money in fen, numbers, dates in ISO. What cannot be read stays as typed. Pure. */

const plain = text => text.normalize('NFKC').replace(/[\s,，]/g, '');

/** '1,234.5' → 123450 fen; '' → null; what is no amount stays text. */
export function fenOf(text) {
  const amount = plain(text).replace(/^[¥￥]/, '');
  if (!amount) return null;
  const match = /^(-?)(\d{1,13})(?:\.(\d{0,2}))?$/.exec(amount);
  if (!match) return text;
  const fen = Number(match[2]) * 100 + Number((match[3] || '').padEnd(2, '0') || 0);
  return match[1] ? -fen : fen;
}

/** 123450 fen → '1234.50'. */
export function yuanOf(fen) {
  if (!Number.isInteger(fen)) return fen ?? '';
  const whole = Math.abs(fen);
  return `${fen < 0 ? '-' : ''}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
}

export function numberOf(text) {
  const digits = plain(text);
  if (!digits) return null;
  return /^-?\d{1,15}(\.\d+)?$/.test(digits) ? Number(digits) : text;
}

export function isIsoDate(text) {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** '2026/1/5', '2026年1月5日', '20260105' → '2026-01-05'; '' → null; what is no date stays text. */
export function dateOf(text) {
  const words = plain(text);
  if (!words) return null;
  const match = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(words);
  if (!match || (/^\d+$/.test(words) && words.length !== 8)) return text;
  const iso = `${match[1]}-${match[2].padStart(2, '0')}-${match[3].padStart(2, '0')}`;
  return isIsoDate(iso) ? iso : text;
}

/** Length as the server counts it: characters of the trimmed text. */
export const lengthOf = text => [...text.trim()].length;

/** The sum of a column of a list, rounded as the field shows it; null without rows that hold anything. */
export function totalOf(field, data) {
  const [list, cell] = field.properties.totalOf.split('.');
  const given = (data[list] || []).map(row => row?.[cell]).filter(value => typeof value === 'number');
  if (!given.length) return null;
  const sum = given.reduce((total, value) => total + value, 0);
  return Number(sum.toFixed(field.type === 'money' ? 0 : (field.decimalDigits ?? 2)));
}
