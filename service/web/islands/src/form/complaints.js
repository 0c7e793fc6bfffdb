/* What is wrong with the value of one field, in sentences. The server asks the same and more (`rule`). Pure. */
import { countyDay } from '../common/lang.js';
import { isCreditCode, isIdNumber, isMobile, tidy } from './identity.js';
import { isIsoDate, lengthOf, yuanOf } from './values.js';

const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;
const PHONE = /^(\+|00)\d{8,15}$/;
const FORMATS = { id_number: isIdNumber, credit_code: isCreditCode, mobile: isMobile };

export const formatOf = field => field.properties?.format;

export const isEmpty = value =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && !value.length) ||
  (typeof value === 'string' && !value.trim());

function missing(field, value, t) {
  if (!field.validate?.required) return [];
  if (field.type === 'checkbox') return value === true ? [] : [t('must_tick')];
  if (!isEmpty(value)) return [];
  if (field.type === 'checklist') return [t('tick')];
  return [t(['radio', 'select'].includes(field.type) ? 'choose' : 'required')];
}

const decimalsOf = value => (String(value).split('.')[1] || '').length;

function* number(field, value, t) {
  const { min, max } = field.validate || {};
  const shown = bound => (field.type === 'money' ? yuanOf(Number(bound)) : bound);
  if (typeof value !== 'number') {
    yield t(field.type === 'money' ? 'not_money' : 'not_a_number');
    return;
  }
  if (field.type === 'money' && value < 0 && min === undefined) yield t('negative_money');
  if (field.type === 'number' && field.decimalDigits >= 0 && decimalsOf(value) > field.decimalDigits) {
    yield field.decimalDigits ? t('decimals', { digits: field.decimalDigits }) : t('not_whole');
  }
  if (min !== undefined && min !== '' && value < Number(min)) yield t('min', { value: shown(min) });
  if (max !== undefined && max !== '' && value > Number(max)) yield t('max', { value: shown(max) });
}

function* text(field, value, t) {
  const { minLength, maxLength, pattern, patternErrorMessage, validationType } = field.validate || {};
  const count = lengthOf(value);
  const format = formatOf(field);
  if (FORMATS[format] && !FORMATS[format](tidy(value))) yield t(format);
  if (count < minLength) yield t('min_length', { count, short: minLength - count });
  if (count > maxLength) yield t('max_length', { count, over: count - maxLength });
  if (pattern && !new RegExp(pattern).test(value)) yield patternErrorMessage || t('pattern');
  if (validationType === 'email' && !EMAIL.test(value)) yield t('email');
  if (validationType === 'phone' && !PHONE.test(value)) yield t('phone');
}

function* moment(field, value, t) {
  if (field.subtype === 'time') {
    if (!/^\d{2}:\d{2}/.test(value)) yield t('not_a_time');
    return;
  }
  const day = String(value).slice(0, 10);
  if (!isIsoDate(day)) {
    yield t('not_a_date');
    return;
  }
  if (field.disallowPassedDates && day < countyDay()) yield t('past_date');
}

const CHECKS = { number, money: number, textfield: text, textarea: text, datetime: moment };

/** Sentences, the most pressing first; at most one is shown. */
export default function complaints(field, value, t) {
  const lacking = missing(field, value, t);
  if (lacking.length || isEmpty(value) || !CHECKS[field.type]) return lacking;
  return [...CHECKS[field.type](field, value, t)].slice(0, 1);
}
