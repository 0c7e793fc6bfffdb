/* A schema as stored becomes the one that is drawn: the page's language, our own types. Pure. */
const DRAWN_AS = { taglist: 'checklist' };
const ENGLISH = {
  label: 'labelEn',
  description: 'descriptionEn',
  text: 'textEn',
  dateLabel: 'labelEn',
  timeLabel: 'labelEn'
};

function typeOf(component) {
  if (component.type === 'number' && component.properties?.format === 'money_fen') return 'money';
  return DRAWN_AS[component.type] || component.type;
}

function inEnglish(component) {
  const own = component.properties || {};
  const words = Object.entries(ENGLISH)
    .filter(([name, english]) => component[name] !== undefined && own[english])
    .map(([name, english]) => [name, own[english]]);
  const values = component.values?.map(option => ({ ...option, label: option.labelEn || option.label }));
  const validate = own.patternErrorMessageEn && {
    ...component.validate,
    patternErrorMessage: own.patternErrorMessageEn
  };
  return { ...component, ...Object.fromEntries(words), ...(values && { values }), ...(validate && { validate }) };
}

function prepareOne(component, english) {
  const worded = english ? inEnglish(component) : component;
  const parts = component.components?.filter(part => part.type !== 'button').map(part => prepareOne(part, english));
  return {
    ...worded,
    type: typeOf(component),
    ...(parts && { components: parts }),
    ...(component.type === 'dynamiclist' && { disableCollapse: true })
  };
}

/** Buttons of the schema are left out: a form is submitted by the page's own dock. */
export const prepare = (schema, language) => prepareOne(schema, language === 'en');

/** The words over a field. */
export const labelOf = field => field.dateLabel || field.label || field.timeLabel || field.key || '';
