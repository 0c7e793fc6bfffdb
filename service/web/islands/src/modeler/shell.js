/* The frame of the modeler: tools, canvas, properties, problems. */
import { el, icon } from '../common/dom.js';

function tool(action, mark, t, { word = true } = {}) {
  return el(
    'button',
    { class: 'tool', type: 'button', 'data-act': action, 'aria-label': t(action), title: t(action) },
    icon(mark),
    word && el('span', { class: 'word' }, t(action))
  );
}

export default function shell(node, t) {
  node.classList.add('panel', 'modeler');
  const tools = el(
    'div',
    { class: 'modeler-tools', role: 'toolbar', 'aria-label': t('toolbar') },
    tool('undo', 'undo', t, { word: false }),
    tool('redo', 'redo', t, { word: false }),
    el('span', { class: 'sep' }),
    tool('lint', 'shield', t),
    tool('fit', 'fit', t),
    el('span', { class: 'sep' }),
    tool('import', 'upload', t),
    tool('download', 'download', t),
    el(
      'span',
      { class: 'end' },
      el('span', { class: 'small muted', 'data-save-state': '', role: 'status' }),
      el(
        'button',
        { class: 'button', type: 'button', 'data-deploy': '', 'aria-describedby': 'mj-why-not' },
        t('deploy')
      ),
      el(
        'button',
        { class: 'button main', type: 'button', 'data-act': 'save' },
        t('save'),
        ' ',
        el('span', { class: 'small' }, 'Ctrl+S')
      )
    )
  );
  const problems = el(
    'section',
    { class: 'problems', 'aria-labelledby': 'mj-problems' },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'mj-problems' }, t('problems'), ' ', el('span', { 'data-problem-count': '' })),
      el(
        'span',
        { class: 'small muted' },
        el('span', { id: 'mj-why-not' }, t('blocked')),
        ' · ',
        el('span', { 'data-lint-state': '', role: 'status' })
      )
    ),
    el('ul', { class: 'plain problem-list' })
  );
  node.replaceChildren(
    tools,
    el('div', { class: 'canvas', role: 'group', 'aria-label': t('canvas') }),
    el('div', { class: 'props', role: 'region', 'aria-label': t('properties') }),
    problems
  );
}
