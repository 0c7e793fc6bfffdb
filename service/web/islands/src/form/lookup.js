/* Official data for a field: the service asks the register, the answer fills other fields of the form. */
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../common/api.js';
import { useService } from './frame.js';

/** Of one form; without an address nothing is looked up. */
export class Lookup {
  constructor(form, formFieldRegistry, formFieldInstanceRegistry, address) {
    Object.assign(this, { _form: form, _fields: formFieldRegistry, _instances: formFieldInstanceRegistry, address });
  }

  /** The outcome: found, not_found or unavailable. Throws what `call` throws. */
  async ask(field, value) {
    const { outcome, values } = await call('POST', this.address, { json: { field: field.key, value } });
    Object.entries(values || {}).forEach(([key, text]) => this._fill(key, text));
    return outcome;
  }

  _fill(key, text) {
    const field = this._fields.getAll().find(one => one.key === key);
    const instance = field && this._instances.getAll().find(one => one.id === field.id);
    if (instance) this._form._update({ fieldInstance: instance, value: text });
  }
}
Lookup.$inject = ['form', 'formFieldRegistry', 'formFieldInstanceRegistry', 'lookupAddress'];

/** The button beside a number; it says what came of it. */
export function LookupButton({ field, use, value }) {
  const lookup = useService('lookup');
  const t = useService('words');
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  if (!field.properties?.lookup || !lookup.address || use.locked) return null;
  const press = async () => {
    setBusy(true);
    setSaid(t('looking_up'));
    try {
      setSaid(t(`lookup_${await lookup.ask(field, value)}`));
    } catch (problem) {
      setSaid(problem.message);
    } finally {
      setBusy(false);
    }
  };
  return h(
    'span',
    { class: 'lookup' },
    h('button', { type: 'button', class: 'button low', disabled: busy || !value, onClick: press }, t('look_up')),
    h('span', { class: 'small muted', role: 'status' }, said)
  );
}
