/* The draft: put away each ten seconds when something changed, when a field is left, and when the page is. */
import { call } from '../common/api.js';
import { announce } from '../common/dom.js';
import { timeOfDay } from '../common/lang.js';

const EVERY_MS = 10_000;

export default class Draft {
  /** `read` gives the answers as they stand. */
  constructor(node, read, t) {
    const address = node.dataset.draft;
    Object.assign(this, { node, address, read, t, kept: JSON.stringify(read()), running: undefined, held: false });
    if (!address) return;
    this.timer = setInterval(() => this.save(), EVERY_MS);
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.save({ keepalive: true });
    });
  }

  get changed() {
    return JSON.stringify(this.read()) !== this.kept;
  }

  say(text) {
    const place = this.node.closest('.panel')?.querySelector('[data-draft-state]');
    const shown = place || document.querySelector('[data-draft-state]');
    if (shown) shown.textContent = text;
  }

  /** Saves when something changed; with `always` says when it was saved, or that nothing did. */
  async save({ keepalive = false, always = false } = {}) {
    if (!this.address || this.held) return;
    if (always) this.say(this.t('draft_saving'));
    await this.running;
    if (!this.changed) {
      if (always) this.say(this.savedAt ? this.t('draft_saved', { time: this.savedAt }) : this.t('draft_same'));
      return;
    }
    this.running = this.put(keepalive);
    await this.running;
  }

  async put(keepalive) {
    const answers = this.read();
    const text = JSON.stringify(answers);
    try {
      await call('PUT', this.address, { json: { answers }, keepalive, retries: [] });
      this.kept = text;
      this.savedAt = timeOfDay();
      this.say(this.t('draft_saved', { time: this.savedAt }));
      announce(this.node, 'drafted', { answers });
    } catch (error) {
      this.say(this.t('draft_failed', { reason: error.message }));
    }
  }

  /** While answers are sent no draft overtakes them; what was under way is waited for. */
  async hold() {
    this.held = true;
    await this.running;
  }

  /** The answers were not taken; with `keep` they are put away at once, the field that was left by the press too. */
  release({ keep = false } = {}) {
    this.held = false;
    if (keep) this.save();
  }

  close() {
    this.held = true;
    clearInterval(this.timer);
  }
}
