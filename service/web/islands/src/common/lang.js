/* The page's language, and words: each island brings one list with both languages. */
export const lang = () => ((globalThis.document?.documentElement.lang || 'zh-CN').startsWith('en') ? 'en' : 'zh');

/** A function of (key, values): the sentence in the page's language, `{name}` filled in. */
export function speaking(words, language = lang()) {
  return (key, values = {}) => {
    const sentence = words[language][key];
    if (sentence === undefined) throw new Error(`Expected a word for "${key}" in ${language}, but found none`);
    return sentence.replace(/{(\w+)}/g, (all, name) => values[name] ?? all);
  };
}

/** The county's clock: hours, minutes and seconds of an instant. */
export const timeOfDay = (instant = new Date()) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', timeStyle: 'medium' }).format(instant);

/** The county's day of an instant, ISO. */
export const countyDay = (instant = new Date()) =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(instant);
