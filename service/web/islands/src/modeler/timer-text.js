/* Timer expressions: a number and a unit where they are simple, else text. Pure. */

/** Units that a person picks; `minutes` and `days` are ISO durations, the others calls of the evaluator. */
export const MINIMUM_UNITS = ['minutes', 'hours'];
export const LIMIT_UNITS = ['working_days', 'natural_days', 'office_hours', 'hours'];

const ISO = /^'P(?:T?)(\d{1,4})([DHM])'$/;
const CALL = /^(working_days|natural_days|office_hours|hours)\(\s*(\d{1,4})\s*(?:,\s*since\s*=\s*(\w+)\s*)?\)$/;
const ISO_UNITS = { M: 'minutes', H: 'hours', D: 'days' };

/** {amount, unit, since?, iso} or {expression}; {} for nothing. */
export function readTimer(text) {
  const body = (text || '').trim();
  if (!body) return {};
  const iso = ISO.exec(body);
  if (iso && (iso[2] === 'D') !== body.includes('T'))
    return { amount: Number(iso[1]), unit: ISO_UNITS[iso[2]], iso: true };
  const call = CALL.exec(body);
  return call ? { amount: Number(call[2]), unit: call[1], since: call[3], iso: false } : { expression: body };
}

/** The expression for a number and a unit; minutes and days, and hours of a minimum, are ISO durations. */
export function writeTimer({ amount, unit, since, iso }) {
  if (unit === 'minutes') return `'PT${amount}M'`;
  if (unit === 'days') return `'P${amount}D'`;
  if (unit === 'hours' && iso) return `'PT${amount}H'`;
  return since ? `${unit}(${amount}, since=${since})` : `${unit}(${amount})`;
}

/** Durations stand in timeDuration, cycles in timeCycle, calls in timeDate (docs/architecture.md). */
export function placeOf(text) {
  const body = text.trim();
  if (/^'R\d*\//.test(body)) return 'timeCycle';
  return /^'P/.test(body) ? 'timeDuration' : 'timeDate';
}

const ENGLISH = {
  minutes: 'minute',
  hours: 'hour',
  days: 'day',
  working_days: 'working day',
  natural_days: 'calendar day',
  office_hours: 'office hour'
};
const CHINESE = {
  minutes: '分钟',
  hours: '小时',
  days: '天',
  working_days: '个工作日',
  natural_days: '个自然日',
  office_hours: '个办公小时'
};

/** '30 分钟' or '30 minutes'; an expression as it is. */
export function timerInWords(text, language) {
  const { amount, unit, expression } = readTimer(text);
  if (expression !== undefined) return expression;
  if (!unit) return '';
  return language === 'zh' ? `${amount} ${CHINESE[unit]}` : `${amount} ${ENGLISH[unit]}${amount === 1 ? '' : 's'}`;
}

const PREFIX = {
  minimum: ['最短 ', 'At least '],
  limit: ['', ''],
  statutory: ['法定 ', 'Statutory '],
  promised: ['承诺 ', 'Promised ']
};

/** The names of a boundary timer as the diagrams write them: {name, nameEn}. */
export function timerNames(kind, text) {
  const [zh, en] = PREFIX[kind] || ['', ''];
  return { name: zh + timerInWords(text, 'zh'), nameEn: en + timerInWords(text, 'en') };
}
