/* The fields of a form, drawn with the classes of the style sheet. Values and conditions stay with form-js. */
import {
  Checkbox as LibraryCheckbox,
  Checklist as LibraryChecklist,
  Datetime,
  DynamicList as LibraryList,
  Numberfield,
  Radio as LibraryRadio,
  Select as LibrarySelect,
  Textarea as LibraryTextarea,
  Textfield as LibraryTextfield
} from '@bpmn-io/form-js-viewer';
import { h } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { formatOf } from './complaints.js';
import DateInput from './date-input.js';
import { Errors, Frame, Group, idOf, useField, useService } from './frame.js';
import { tidy } from './identity.js';
import { LookupButton } from './lookup.js';
import { fenOf, lengthOf, numberOf, yuanOf } from './values.js';

const NUMERIC = { mobile: 'tel', postcode: 'numeric' };

function Textfield(props) {
  const { field, errors, value = '' } = props;
  const use = useField(props);
  const format = formatOf(field);
  const leave = event => {
    if (format && value && tidy(value) !== value) use.choose(tidy(value));
    use.leave(event);
  };
  return h(
    Frame,
    { field, use, errors },
    h('input', {
      class: 'input',
      id: use.id,
      type: 'text',
      value: value ?? '',
      readOnly: use.locked,
      inputMode: NUMERIC[format],
      autoComplete: 'off',
      spellcheck: false,
      onInput: event => use.type(event.target.value),
      onBlur: leave,
      ...use.attributes
    }),
    h(LookupButton, { field, use, value })
  );
}

function counterOf({ minLength, maxLength } = {}, count, t) {
  if (minLength && count < minLength) return t('counter_min', { count, min: minLength });
  return maxLength ? t('counter_max', { count, max: maxLength }) : t('counter', { count });
}

function Textarea(props) {
  const { field, errors, value = '' } = props;
  const use = useField(props);
  const t = useService('words');
  const bounded = field.validate?.minLength || field.validate?.maxLength;
  return h(
    Frame,
    { field, use, errors },
    h('textarea', {
      class: 'input',
      id: use.id,
      rows: 4,
      value: value ?? '',
      readOnly: use.locked,
      onInput: event => use.type(event.target.value),
      onBlur: use.leave,
      ...use.attributes
    }),
    bounded && !use.locked && !use.wrong
      ? h('span', { class: 'form-count' }, counterOf(field.validate, lengthOf(value || ''), t))
      : null
  );
}

/* Number and money keep the text as typed as long as it means the value; a value from elsewhere shows afresh. */
function Typed({ props, read, write, unit, inputMode }) {
  const { field, errors, value } = props;
  const use = useField(props);
  const [typed, setTyped] = useState('');
  const shown = read(typed) === (value ?? null) ? typed : write(value);
  const input = h('input', {
    class: 'input num-input',
    id: use.id,
    type: 'text',
    inputMode,
    value: shown,
    readOnly: use.locked,
    autoComplete: 'off',
    onInput: event => {
      setTyped(event.target.value);
      use.type(read(event.target.value));
    },
    onBlur: event => {
      setTyped(write(value));
      use.leave(event);
    },
    ...use.attributes
  });
  return h(
    Frame,
    { field, use, errors },
    unit ? h('div', { class: 'with-unit' }, input, h('span', { class: 'unit' }, unit)) : input
  );
}

const writeNumber = value => (value === null || value === undefined ? '' : String(value));

function NumberField(props) {
  return h(Typed, {
    props,
    read: numberOf,
    write: writeNumber,
    unit: props.field.appearance?.suffixAdorner,
    inputMode: 'decimal'
  });
}

function Money(props) {
  const t = useService('words');
  return h(Typed, { props, read: fenOf, write: yuanOf, unit: t('yuan'), inputMode: 'decimal' });
}

function Moment(props) {
  const { field, errors, value } = props;
  const use = useField(props);
  if (field.subtype === 'time' || field.subtype === 'datetime') {
    const type = field.subtype === 'time' ? 'time' : 'datetime-local';
    return h(
      Frame,
      { field, use, errors },
      h('input', {
        class: 'input',
        id: use.id,
        type,
        value: String(value ?? '').slice(0, type === 'time' ? 5 : 16),
        readOnly: use.locked,
        onInput: event =>
          use.choose(event.target.value ? `${event.target.value}${type === 'time' ? '' : ':00+08:00'}` : null),
        onBlur: use.leave,
        ...use.attributes
      })
    );
  }
  return h(Frame, { field, use, errors }, h(DateInput, { use, field, value }));
}

function Checkbox(props) {
  const { field, errors, value } = props;
  const use = useField(props);
  return h(
    'div',
    { class: `field${use.wrong ? ' wrong' : ''}`, 'data-key': field.key },
    h(
      'label',
      { class: 'choice' },
      h('input', {
        type: 'checkbox',
        id: use.id,
        checked: value === true,
        disabled: use.locked,
        onChange: event => use.choose(event.target.checked),
        ...use.attributes
      }),
      field.label
    ),
    field.description ? h('span', { class: 'hint', id: `${use.id}-h` }, field.description) : null,
    h(Errors, { id: use.id, errors })
  );
}

const optionsOf = (field, form) =>
  (field.valuesKey ? form._getState().initialData?.[field.valuesKey] : field.values) || [];

function Choices({ props, kind, isOn, pick }) {
  const { field, errors } = props;
  const use = useField(props);
  const options = optionsOf(field, useService('form'));
  const group = useRef();
  const leave = event => {
    if (group.current && !group.current.contains(event.relatedTarget)) use.leave(event); // gone with its form otherwise
  };
  return h(
    Group,
    { field, use, errors, role: kind === 'radio' ? 'radiogroup' : undefined },
    h(
      'div',
      { class: options.length > 6 ? 'choices column' : 'choices', ref: group },
      options.map((option, at) =>
        h(
          'label',
          { class: 'choice', key: at },
          h('input', {
            type: kind,
            id: `${use.id}-${at}`,
            name: use.id,
            checked: isOn(option.value),
            disabled: use.locked,
            onChange: () => use.choose(pick(option.value)),
            onBlur: leave,
            'aria-invalid': use.attributes['aria-invalid']
          }),
          option.label
        )
      )
    )
  );
}

function Radio(props) {
  return h(Choices, { props, kind: 'radio', isOn: value => value === props.value, pick: value => value });
}

function Checklist(props) {
  const ticked = props.value || [];
  const order = (props.field.values || []).map(option => option.value);
  const pick = value =>
    ticked.includes(value)
      ? ticked.filter(other => other !== value)
      : [...ticked, value].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return h(Choices, { props, kind: 'checkbox', isOn: value => ticked.includes(value), pick });
}

function Select(props) {
  const { field, errors, value } = props;
  const use = useField(props);
  const t = useService('words');
  const options = optionsOf(field, useService('form'));
  const at = options.findIndex(option => option.value === value);
  return h(
    Frame,
    { field, use, errors },
    h(
      'select',
      {
        class: 'input',
        id: use.id,
        value: String(at),
        disabled: use.locked,
        onBlur: use.leave,
        onChange: event => use.choose(options[Number(event.target.value)]?.value ?? null),
        ...use.attributes
      },
      h('option', { value: '-1' }, t('select_one')),
      options.map((option, index) => h('option', { value: String(index), key: index }, option.label))
    )
  );
}

/* The library draws the rows; around them stand the error and the id that a summary links to. */
function DynamicList(props) {
  const id = idOf(useService('form'), props.field, props.indexes);
  const errors = Array.isArray(props.errors) ? props.errors.filter(error => typeof error === 'string') : [];
  return h(
    'div',
    { class: `field form-list${errors.length ? ' wrong' : ''}`, id, tabIndex: -1, 'data-key': props.field.path },
    h(LibraryList, props),
    h(Errors, { id, errors })
  );
}

const drawn = (component, library, extra = {}) => Object.assign(component, { config: { ...library.config, ...extra } });

/** Registered over the library's own of the same type. */
export default {
  textfield: drawn(Textfield, LibraryTextfield),
  textarea: drawn(Textarea, LibraryTextarea),
  number: drawn(NumberField, Numberfield),
  money: drawn(Money, Numberfield, {
    type: 'money',
    sanitizeValue: ({ value }) => (Number.isInteger(value) ? value : null)
  }),
  datetime: drawn(Moment, Datetime),
  checkbox: drawn(Checkbox, LibraryCheckbox),
  radio: drawn(Radio, LibraryRadio),
  checklist: drawn(Checklist, LibraryChecklist),
  select: drawn(Select, LibrarySelect),
  dynamiclist: drawn(DynamicList, LibraryList)
};
