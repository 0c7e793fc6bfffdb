/* The frame of a field in the house's parts: label, hint, error. Form-js keeps the state, the look is the style sheet's. */
import { FormContext } from '@bpmn-io/form-js-viewer';
import { h } from 'preact';
import { useContext } from 'preact/hooks';
import { labelOf } from './schema.js';

export const useService = name => useContext(FormContext).getService(name);

/** The id of a field's control: `f-officer_b`, in a list `f-chemicals-0-product`. Pages link to it. */
export function idOf(form, field, indexes) {
  return `f-${form
    .get('pathRegistry')
    .getValuePath(field, { indexes: indexes || {} })
    .join('-')}`;
}

/** What each field needs: its id, whether it is wrong, whom it is described by, and typing without rash complaints. */
export function useField(props) {
  const { field, indexes, errors = [], readonly, disabled, fieldInstance } = props;
  const form = useService('form');
  const quiet = useService('quiet');
  const id = idOf(form, field, indexes);
  const describedBy =
    [field.description && `${id}-h`, errors.length && `${id}-e`].filter(Boolean).join(' ') || undefined;
  return {
    id,
    wrong: errors.length > 0,
    locked: Boolean(readonly || disabled),
    attributes: {
      'aria-invalid': errors.length ? 'true' : undefined,
      'aria-describedby': describedBy,
      'aria-required': field.validate?.required ? 'true' : undefined
    },
    type: value => quiet.during(() => props.onChange({ value })),
    choose: value => props.onChange({ value }),
    leave: event => {
      props.onBlur?.();
      quiet.leave(fieldInstance, event);
    }
  };
}

const Optional = ({ field, locked }) => {
  const t = useService('words');
  return field.validate?.required || locked ? null : h('span', { class: 'must' }, t('optional'));
};

const Hint = ({ id, field }) =>
  field.description ? h('span', { class: 'hint', id: `${id}-h` }, field.description) : null;

export const Errors = ({ id, errors = [] }) =>
  errors.length ? h('span', { class: 'error-text', id: `${id}-e` }, errors[0]) : null;

const classOf = (wrong, extra = '') => `field${wrong ? ' wrong' : ''}${extra}`;

/** A field of one control. */
export function Frame({ field, use, errors, children }) {
  const { id, wrong, locked } = use;
  return h(
    'div',
    { class: classOf(wrong), 'data-key': field.key },
    h('label', { for: id }, labelOf(field), h(Optional, { field, locked })),
    h(Hint, { id, field }),
    children,
    h(Errors, { id, errors })
  );
}

/** A field of several controls: a group with a legend. */
export function Group({ field, use, errors, children, role }) {
  const { id, wrong, locked, attributes } = use;
  return h(
    'fieldset',
    {
      class: classOf(wrong),
      id,
      tabIndex: -1,
      role,
      'aria-describedby': attributes['aria-describedby'],
      'data-key': field.key
    },
    h('legend', {}, labelOf(field), h(Optional, { field, locked })),
    h(Hint, { id, field }),
    children,
    h(Errors, { id, errors })
  );
}
