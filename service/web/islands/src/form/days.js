/* Limits of a date, as service/form_schemas/days.py writes them: `today-3`, `decided_on+30`; working days come resolved. Pure. */
import { isIsoDate } from './values.js';

const BOUND = /^(\d{4}-\d{2}-\d{2}|[A-Za-z_]\w*)(?:([+-])(\d{1,4}))?$/;

function moved(day, count) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}

/** The limit as an ISO date; undefined where it counts from a date that is unset, or that only the server knows. */
export function limitOf(source, around) {
  if (!source) return undefined;
  const told = around.answer(source);
  if (isIsoDate(told ?? '') && source !== 'today') return told;
  const match = BOUND.exec(source);
  if (!match) return undefined;
  const [, anchor, sign = '+', count = '0'] = match;
  const start = anchor === 'today' ? around.today : /^\d/.test(anchor) ? anchor : around.answer(anchor);
  return isIsoDate(start ?? '') ? moved(start, Number(`${sign}${count}`)) : undefined;
}
