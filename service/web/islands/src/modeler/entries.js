/* The entries of our groups in the properties panel: they read and write `spiffworkflow:properties` and boundary timers. */
import { CheckboxEntry, SelectEntry, TextFieldEntry } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';
import { readProperty, writeProperties } from './properties.js';
import { LIMIT_UNITS, MINIMUM_UNITS, readTimer, writeTimer } from './timer-text.js';
import { findTimer, setTimer, timerExpression } from './timers.js';

const useWriting = () => ({ modeling: useService('modeling'), bpmnFactory: useService('bpmnFactory') });

const common = ({ id, element, label, hint }, debounce) => ({ id, element, label, description: hint, debounce });

/** A property as text. */
export function PropertyText(props) {
  const writing = useWriting();
  return TextFieldEntry({
    ...common(props, useService('debounceInput')),
    getValue: () => readProperty(props.element.businessObject, props.name),
    setValue: value => writeProperties(props.element, { [props.name]: value?.trim() }, writing)
  });
}

/** Choices with the present value kept even when the list does not know it. */
function withPresent(options, value, t) {
  const known = options.some(option => option.value === value);
  return [
    { value: '', label: t('choose') },
    ...options,
    ...(value && !known ? [{ value, label: t('own_value', { value }) }] : [])
  ];
}

/** A property with choices; without any, plain text. */
export function PropertyChoice(props) {
  const writing = useWriting();
  const { options = [], element, name, t } = props;
  const getValue = () => readProperty(element.businessObject, name);
  const setValue = value => writeProperties(element, { [name]: value || undefined }, writing);
  const debounce = useService('debounceInput');
  if (!options.length) return TextFieldEntry({ ...common(props, debounce), getValue, setValue });
  return SelectEntry({
    ...common(props, debounce),
    getValue,
    setValue,
    getOptions: () => withPresent(options, getValue(), t)
  });
}

/** A property that is there with one value, or not at all. */
export function PropertyTick(props) {
  const writing = useWriting();
  const { element, name, on = 'true' } = props;
  return CheckboxEntry({
    ...common(props),
    getValue: () => readProperty(element.businessObject, name) === on,
    setValue: ticked => writeProperties(element, { [name]: ticked ? on : undefined }, writing)
  });
}

/** A list joined with `|`, ticked from the options; what stands there but is unknown can be ticked off. */
export function PropertyChecklist({ id, element, name, label, options = [], t }) {
  const writing = useWriting();
  const present = readProperty(element.businessObject, name).split('|').filter(Boolean);
  const unknown = present
    .filter(value => !options.some(option => option.value === value))
    .map(value => ({ value, label: t('own_value', { value }) }));
  const all = [...options, ...unknown];
  if (!all.length) return h(PropertyText, { id, element, name, label });
  const toggle = value => {
    const next = present.includes(value) ? present.filter(other => other !== value) : [...present, value];
    writeProperties(element, { [name]: next.join('|') || undefined }, writing);
  };
  return h(
    'fieldset',
    { class: 'bio-properties-panel-entry mj-checklist', 'data-entry-id': id },
    h('legend', { class: 'bio-properties-panel-label' }, label),
    all.map(option =>
      h(
        'label',
        { key: option.value },
        h('input', {
          type: 'checkbox',
          class: 'bio-properties-panel-input',
          checked: present.includes(option.value),
          onChange: () => toggle(option.value)
        }),
        option.label
      )
    )
  );
}

const isAmount = text => /^[1-9]\d{0,3}$/.test(text);

/* A number and a unit; committed on leaving, so that undo takes whole changes back. */
function Duration({ id, label, text, units, commit, t }) {
  const read = readTimer(text);
  const [typed, setTyped] = useState(String(read.amount ?? ''));
  const [unit, setUnit] = useState(read.unit || units[0]);
  useEffect(() => {
    setTyped(String(read.amount ?? ''));
    setUnit(read.unit || units[0]);
  }, [text]);
  const wrong = typed !== '' && !isAmount(typed);
  const send = (amount, chosen) => {
    if (amount === '') commit('');
    else if (isAmount(amount))
      commit(
        writeTimer({
          amount: Number(amount),
          unit: chosen,
          since: chosen.endsWith('_days') ? read.since : undefined,
          iso: read.iso ?? units === MINIMUM_UNITS
        })
      );
  };
  const choices = units.includes(unit) ? units : [...units, unit];
  return h(
    'div',
    { class: `bio-properties-panel-entry${wrong ? ' has-error' : ''}`, 'data-entry-id': id },
    h('label', { class: 'bio-properties-panel-label', for: `bio-properties-panel-${id}` }, label),
    h(
      'div',
      { class: 'mj-duration' },
      h('input', {
        id: `bio-properties-panel-${id}`,
        class: 'bio-properties-panel-input',
        type: 'text',
        inputMode: 'numeric',
        value: typed,
        'aria-invalid': wrong ? 'true' : undefined,
        onInput: event => setTyped(event.target.value.trim()),
        onChange: event => send(event.target.value.trim(), unit)
      }),
      h(
        'select',
        {
          class: 'bio-properties-panel-input',
          'aria-label': t('unit_of', { what: label }),
          value: unit,
          onChange: event => {
            setUnit(event.target.value);
            send(typed, event.target.value);
          }
        },
        choices.map(choice => h('option', { key: choice, value: choice }, t(choice)))
      )
    ),
    wrong ? h('div', { class: 'bio-properties-panel-error' }, t('wrong_amount')) : null,
    h(
      'div',
      { class: 'bio-properties-panel-description' },
      read.since ? t('since_hint', { since: read.since }) : t('cleared')
    )
  );
}

/* An expression that is more than a number and a unit. */
function Expression({ id, label, text, commit }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  return h(
    'div',
    { class: 'bio-properties-panel-entry', 'data-entry-id': id },
    h('label', { class: 'bio-properties-panel-label', for: `bio-properties-panel-${id}` }, label),
    h('textarea', {
      id: `bio-properties-panel-${id}`,
      class: 'bio-properties-panel-input',
      rows: 3,
      spellcheck: false,
      value: typed,
      onInput: event => setTyped(event.target.value),
      onChange: event => commit(event.target.value.trim())
    })
  );
}

const TimerField = props =>
  readTimer(props.text).expression === undefined ? h(Duration, props) : h(Expression, props);

/** A limit of a step: its boundary timer `<step>_<kind>`, created when it is missing. */
export function StepTimer({ id, element, kind, label, t }) {
  const commandStack = useService('commandStack');
  const text = timerExpression(findTimer(element, kind));
  const commit = fresh => {
    if (fresh !== text) setTimer(commandStack, { host: element, kind, text: fresh });
  };
  return h(TimerField, {
    id,
    label,
    text,
    units: kind === 'minimum' ? MINIMUM_UNITS : LIMIT_UNITS,
    commit,
    t,
    key: `${element.id}-${kind}`
  });
}

/** When a timer event fires. */
export function EventTimer({ id, element, label, t }) {
  const commandStack = useService('commandStack');
  const text = timerExpression(element);
  const commit = fresh => {
    if (fresh && fresh !== text) setTimer(commandStack, { event: element, text: fresh });
  };
  return h(TimerField, { id, label, text, units: LIMIT_UNITS, commit, t, key: element.id });
}

/** The condition of a flow out of a gateway. */
export function FlowCondition(props) {
  const { modeling, bpmnFactory } = useWriting();
  const { element } = props;
  return TextFieldEntry({
    ...common(props, useService('debounceInput')),
    getValue: () => element.businessObject.conditionExpression?.body || '',
    setValue: value => {
      const conditionExpression = value?.trim()
        ? bpmnFactory.create('bpmn:FormalExpression', { body: value.trim() })
        : undefined;
      if (conditionExpression) conditionExpression.$parent = element.businessObject;
      modeling.updateProperties(element, { conditionExpression });
    }
  });
}

/** An attribute of BPMN itself, such as `calledElement`. */
export function AttributeChoice(props) {
  const { modeling } = useWriting();
  const { element, name, options = [], t } = props;
  const debounce = useService('debounceInput');
  const getValue = () => element.businessObject[name] || '';
  const setValue = value => modeling.updateProperties(element, { [name]: value || undefined });
  if (!options.length) return TextFieldEntry({ ...common(props, debounce), getValue, setValue });
  return SelectEntry({
    ...common(props, debounce),
    getValue,
    setValue,
    getOptions: () => withPresent(options, getValue(), t)
  });
}
