/* The library's words in Chinese; what has no translation is remembered, and a test holds that set empty. */
import community from 'bpmn-js-i18n/translations/zn.js';
import { lang } from '../common/lang.js';
import own from './library-zh.js';

const words = { ...community, ...own };
export const missing = new Set();

function translate(template, replacements = {}) {
  const text = words[template];
  if (text === undefined && /[A-Za-z]/.test(template)) missing.add(template);
  return (text ?? template).replace(/{([^}]+)}/g, (all, key) => replacements[key] ?? all);
}

export default lang() === 'zh' ? { translate: ['value', translate] } : {};
