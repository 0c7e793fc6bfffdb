/* Deploying: refused while there are errors, shown first what changes, then one multipart request. */
import { call, freshKey, Problem } from '../common/api.js';
import { ask } from '../common/dialog.js';
import { announce, el, fillAddress, icon } from '../common/dom.js';
import { lang } from '../common/lang.js';
import { toast } from '../common/toast.js';
import changes from './changes.js';
import { dropDraft } from './keeping.js';

const list = (title, lines) =>
  lines.length
    ? [
        el(
          'div',
          {},
          el('h3', {}, title),
          el(
            'ul',
            {},
            lines.map(line => el('li', {}, line.text))
          )
        )
      ]
    : [];

export default class Deployment {
  constructor({ node, desk, problems, options, kindWord, t }) {
    Object.assign(this, { node, desk, problems, options, kindWord, t });
  }

  /** The parts of the dialog: what changes against the version in force. */
  parts(xml) {
    const { t, node, desk } = this;
    if (!desk.deployed) return [el('p', {}, t('deploy_first'))];
    const { version } = node.dataset;
    const lines = changes(desk.deployed, xml, { options: this.options, t, kindWord: this.kindWord, language: lang() });
    const older =
      desk.base !== version
        ? [
            el(
              'div',
              { class: 'notice yellow' },
              icon('alert'),
              el('p', {}, t('older_base', { base: desk.base, current: version }))
            )
          ]
        : [];
    if (!lines.length)
      return [...older, el('p', {}, t(desk.deployed.trim() === xml.trim() ? 'deploy_same' : 'deploy_layout'))];
    return [
      ...older,
      el('p', {}, t('deploy_text', { version })),
      el(
        'div',
        { class: 'change-list stack' },
        list(
          t('limits'),
          lines.filter(line => line.limit)
        ),
        list(
          t('others'),
          lines.filter(line => !line.limit)
        )
      )
    ];
  }

  async press(button) {
    if (button.getAttribute('aria-busy') === 'true') return;
    await this.desk.settle();
    button.setAttribute('aria-busy', 'true');
    try {
      const errors = await this.problems.check();
      if (errors.length) {
        this.refuse(errors);
        return;
      }
      const xml = await this.desk.xml();
      if (
        await ask({
          title: this.t('deploy_title', { name: this.desk.title() }),
          parts: this.parts(xml),
          word: this.t('deploy_word')
        })
      )
        await this.send(xml);
    } finally {
      button.removeAttribute('aria-busy');
    }
  }

  refuse(errors) {
    toast(this.t('blocked_toast', { count: errors.length }), { mark: 'alert' });
    this.problems.point(errors[0]);
    this.node.querySelector('.problems').scrollIntoView({ block: 'nearest' });
  }

  async send(xml) {
    const { deployment, next } = this.node.dataset;
    const body = new FormData();
    body.append('diagram', new File([xml], `${this.desk.key()}.bpmn`, { type: 'application/xml' }));
    this.key = this.sent === xml ? this.key : freshKey();
    this.sent = xml;
    try {
      const answer = await call('POST', deployment, { body, key: this.key });
      dropDraft(this.desk.place);
      this.desk.deployedNow(xml, String(answer.version));
      if (announce(this.node, 'deployed', { answer }) && next) location.assign(fillAddress(next, answer));
      else toast(this.t('deployed', { version: answer.version }));
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error) {
    if (!(error instanceof Problem) && error.code !== 'unreachable') throw error;
    if (error.status < 500) this.sent = undefined;
    if (error.body?.problems) this.problems.show(error.body.problems, '');
    toast(this.t('deploy_failed', { reason: error.message }), { mark: 'alert' });
  }
}
