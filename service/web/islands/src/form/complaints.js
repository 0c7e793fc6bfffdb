/* What is wrong with the value of one field, in sentences. The server asks the same and more (`rule`). Pure. */
import { countyDay } from '../common/lang.js';
import { limitOf } from './days.js';
import { isCreditCode, isIdNumber, isMobile, isPostcode, tidy } from './identity.js';
import { isIsoDate, lengthOf, yuanOf } from './values.js';

/* The server's bounds and patterns, word for word (service/form_schemas). */
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const PHONE = /^\+[1-9][0-9]{6,14}$/;
const LONGEST_TEXT = 10_000;
const LARGEST = 1e15;
const FORMATS = { id_number: isIdNumber, credit_code: isCreditCode, mobile: isMobile, postcode: isPostcode };

/** What a complaint may look at beside the field: today, answers by key, facts of the case, FEEL. */
export const ALONE = {
  today: countyDay(),
  answer: () => undefined,
  knows: () => false,
  evaluate: () => true,
  options: field => field.values
};

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

function* number(field, value, t) {
  const { min, max } = field.validate || {};
  const money = field.type === 'money';
  const bound = limit => (money ? Math.round(Number(limit) * 100) : Number(limit)); // the schema's bounds are yuan
  const shown = limit => (money ? yuanOf(bound(limit)) : limit);
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    yield t(money ? 'not_money' : 'not_a_number');
    return;
  }
  if (Math.abs(value) > LARGEST) yield t('number_too_large');
  if (money && value < 0) yield t('negative_money');
  if (!money && field.decimalDigits >= 0 && Number(value.toFixed(field.decimalDigits)) !== value) {
    yield field.decimalDigits ? t('decimals', { digits: field.decimalDigits }) : t('not_whole');
  }
  if (min !== undefined && min !== '' && value < bound(min)) yield t('min', { value: shown(min) });
  if (max !== undefined && max !== '' && value > bound(max)) yield t('max', { value: shown(max) });
}

/** A pattern that this browser cannot read is the server's alone. */
function fits(pattern, text) {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags).test(text);
    } catch {
      continue;
    }
  }
  return true;
}

function* text(field, value, t, around) {
  const { minLength, maxLength, pattern, patternErrorMessage, validationType } = field.validate || {};
  const { codePrefix, length } = field.properties || {};
  const format = formatOf(field);
  const written = FORMATS[format] ? tidy(value) : value.trim();
  const count = lengthOf(written);
  if (FORMATS[format] && !FORMATS[format](written, around.today)) yield t(format);
  if (codePrefix && !written.startsWith(codePrefix)) yield t('code_prefix', { prefix: codePrefix });
  if (length && count !== Number(length)) yield t('length', { count, length });
  if (count < minLength) yield t('min_length', { count, short: minLength - count });
  const longest = Math.min(maxLength === undefined || maxLength === '' ? LONGEST_TEXT : maxLength, LONGEST_TEXT);
  if (count > longest) yield t('max_length', { count, over: count - longest });
  if (pattern && !fits(pattern, written)) yield patternErrorMessage || t('pattern');
  if (validationType === 'email' && !EMAIL.test(written)) yield t('email');
  if (validationType === 'phone' && !PHONE.test(written)) yield t('phone');
}

function* moment(field, value, t, around) {
  if (field.subtype === 'time') {
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) yield t('not_a_time');
    return;
  }
  if (!isIsoDate(value) || value < '1900' || value >= '2201') {
    yield t('not_a_date');
    return;
  }
  if (field.disallowPassedDates && value < around.today) yield t('past_date');
  const { notBefore, notAfter } = field.properties || {};
  const earliest = limitOf(notBefore, around);
  const latest = limitOf(notAfter, around);
  if (earliest && value < earliest) yield t('not_before', { limit: earliest });
  if (latest && value > latest) yield t('not_after', { limit: latest });
}

function* choice(field, value, t, around) {
  const offered = (around.options(field) || []).map(option => option?.value ?? option);
  if (![value].flat().every(one => offered.includes(one))) yield t('not_an_option');
}

const CHECKS = {
  number,
  money: number,
  textfield: text,
  textarea: text,
  datetime: moment,
  radio: choice,
  select: choice,
  checklist: choice
};

/** The rule's twin in FEEL; what the browser does not know, it leaves to the server. */
function* rule(field, t, around) {
  const { ruleFeel, ruleNames = '', ruleNote } = field.properties || {};
  if (!ruleFeel || !ruleNames.split(' ').every(name => !name || around.knows(name))) return;
  if (around.evaluate(ruleFeel) !== true) yield ruleNote || t('rule');
}

/** Sentences, the most pressing first; at most one is shown. */
export default function complaints(field, value, t, around = ALONE) {
  const lacking = missing(field, value, t);
  if (lacking.length || isEmpty(value)) return lacking;
  const found = [...(CHECKS[field.type]?.(field, value, t, around) || [])].slice(0, 1);
  return found.length ? found : [...rule(field, t, around)];
}
