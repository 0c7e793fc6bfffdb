/* A date: typed in ISO (other ways of writing are put right on leaving), or picked from a calendar. */
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/esm/l10n/zh.js';
import 'flatpickr/dist/flatpickr.css';
import { h } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { countyDay, lang } from '../common/lang.js';
import { useService } from './frame.js';
import { dateOf, isIsoDate } from './values.js';

const LOCALE = lang() === 'zh' ? { ...Mandarin, firstDayOfWeek: 1 } : { firstDayOfWeek: 1 };

function focusDay(picker) {
  const day =
    picker.selectedDateElem ||
    picker.todayDateElem ||
    picker.calendarContainer.querySelector('.flatpickr-day:not(.flatpickr-disabled)');
  day?.focus();
}

export default function DateInput({ use, field, value }) {
  const t = useService('words');
  const form = useService('form');
  const [typed, setTyped] = useState('');
  const shown = dateOf(typed) === (value ?? null) ? typed : (value ?? '');
  const anchor = useRef();
  const button = useRef();
  const picker = useRef();
  const choose = useRef();
  choose.current = use.choose;
  useEffect(() => () => picker.current?.destroy(), []);

  const open = () => {
    picker.current ??= flatpickr(document.createElement('input'), {
      positionElement: anchor.current,
      clickOpens: false,
      disableMobile: true,
      dateFormat: 'Y-m-d',
      locale: LOCALE,
      minDate: field.disallowPassedDates ? (form._getState().initialData?.today ?? countyDay()) : undefined,
      onChange: (dates, text) => choose.current(text || null),
      onClose: () => button.current?.focus()
    });
    picker.current.setDate(isIsoDate(value || '') ? value : '', false);
    picker.current.open();
    focusDay(picker.current);
  };
  return h(
    'div',
    { class: 'with-unit', ref: anchor },
    h('input', {
      class: 'input',
      id: use.id,
      type: 'text',
      inputMode: 'numeric',
      placeholder: '2026-11-23',
      maxLength: 20,
      value: shown,
      readOnly: use.locked,
      autoComplete: 'off',
      onInput: event => {
        setTyped(event.target.value);
        use.type(dateOf(event.target.value));
      },
      onBlur: event => {
        setTyped(value ?? '');
        use.leave(event);
      },
      ...use.attributes
    }),
    use.locked
      ? null
      : h(
          'button',
          {
            class: 'unit tool',
            type: 'button',
            ref: button,
            onClick: open,
            'aria-label': `${t('pick_date')}：${field.dateLabel || field.label || ''}`
          },
          h('svg', { class: 'icon', 'aria-hidden': 'true' }, h('use', { href: '#i-calendar' }))
        )
  );
}
