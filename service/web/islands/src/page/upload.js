/* `.upload[data-upload]`: files go up as soon as they are chosen or dropped, one after the other, and are listed in
   `ul.files` (the next one, or the one of `data-list`). Each success fires `mj:uploaded` with material, name and answer. */
import { call, Problem, Unreachable, headers } from '../common/api.js';
import { announce, el, fillAddress, icon } from '../common/dom.js';
import { lang, speaking } from '../common/lang.js';
import words from './words.js';

const RETRIES_MS = [1000, 4000];

export function sizeInWords(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const shortDigest = digest => (digest ? `${digest.replace(/^sha256:/, '').slice(0, 4)}…${digest.slice(-4)}` : '—');

function kindsInWords(accept) {
  const names = accept.split(',').map(kind =>
    kind
      .trim()
      .replace(/^\.|^.*\/(?!\*)/g, '')
      .replace('image/*', 'JPG/PNG')
      .toUpperCase()
  );
  return names.join(lang() === 'zh' ? '、' : ', ');
}

function accepted(file, accept) {
  if (!accept) return true;
  return accept
    .split(',')
    .map(kind => kind.trim().toLowerCase())
    .some(kind =>
      kind.startsWith('.')
        ? file.name.toLowerCase().endsWith(kind)
        : kind.endsWith('/*')
          ? file.type.startsWith(kind.slice(0, -1))
          : file.type === kind
    );
}

/** Why a file is not taken, before it is sent; undefined when it is. */
function refusal(file, input, limit, t) {
  if (!file.size) return t('empty');
  if (!accepted(file, input.accept)) return t('wrong_kind', { kinds: kindsInWords(input.accept) });
  if (limit && file.size > limit) return t('too_large', { size: sizeInWords(file.size), limit: sizeInWords(limit) });
  return undefined;
}

function post(address, body, { onprogress, onrequest }) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    Object.entries(headers({ 'Idempotency-Key': body.key })).forEach(([name, value]) =>
      request.setRequestHeader(name, value)
    );
    request.responseType = 'json';
    request.upload.onprogress = event => {
      if (event.lengthComputable) onprogress(Math.round((100 * event.loaded) / event.total));
    };
    request.onload = () =>
      request.status < 300 ? done(request.response) : fail(new Problem(request.status, request.response || {}));
    request.onerror = () => fail(new TypeError('network'));
    request.onabort = () => fail(new DOMException('', 'AbortError'));
    request.send(body.data);
    onrequest(request);
  });
}

async function postWithRetries(address, body, watch) {
  for (let round = 0; ; round += 1) {
    try {
      return await post(address, body, watch);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (round >= RETRIES_MS.length) throw new Unreachable();
      await new Promise(again => setTimeout(again, RETRIES_MS[round]));
    }
  }
}

const PIECE_BYTES = 1024 * 1024;
const PIECE_RETRIES_MS = [1000, 2000, 4000, 8000, 16000];

async function digestOf(file) {
  if (!crypto.subtle) return null; // a page without TLS; the server's own digest is told in the end
  const hashed = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(hashed)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

/** A large file in pieces: a cut costs one piece, and the same file chosen again goes on where it was cut. */
class Pieces {
  constructor(address, material, file) {
    Object.assign(this, { folder: address.replace(/attachments$/, 'uploads'), material, file, stopped: false });
    this.memory = `mj:upload:${this.folder}:${material}:${file.name}:${file.size}:${file.lastModified}`;
  }

  get place() {
    return `${this.folder}/${this.id}`;
  }

  async begin() {
    this.id = sessionStorage.getItem(this.memory);
    const known = this.id && (await call('GET', this.place).catch(() => undefined));
    if (known) return known.offset;
    const { material, file } = this;
    const json = { material, filename: file.name, size: file.size, digest: await digestOf(file) };
    const begun = await call('POST', this.folder, { json, key: crypto.randomUUID() });
    this.id = begun.id;
    sessionStorage.setItem(this.memory, begun.id);
    return begun.offset;
  }

  /** The next piece; after a cut, or at a wrong place, the server says where to go on. */
  async piece(offset) {
    const body = this.file.slice(offset, offset + PIECE_BYTES);
    const type = 'application/octet-stream';
    for (let round = 0; ; round += 1) {
      try {
        return (await call('PATCH', this.place, { body, type, more: { 'Upload-Offset': offset }, retries: [] })).offset;
      } catch (error) {
        if (error.code === 'offset_conflict') return (await call('GET', this.place)).offset;
        if (error.code !== 'unreachable' || round >= PIECE_RETRIES_MS.length) throw error;
        await new Promise(again => setTimeout(again, PIECE_RETRIES_MS[round]));
      }
    }
  }

  async send(onprogress) {
    let offset = await this.begin();
    while (offset < this.file.size) {
      if (this.stopped) throw new DOMException('', 'AbortError');
      onprogress(Math.round((100 * offset) / this.file.size));
      offset = await this.piece(offset);
    }
    try {
      return await call('POST', `${this.place}/finish`, { json: {}, key: crypto.randomUUID() });
    } catch (error) {
      if (error instanceof Problem) await this.giveUp();
      throw error;
    } finally {
      sessionStorage.removeItem(this.memory);
    }
  }

  /** What was refused, or is no longer wanted, takes no room. */
  giveUp() {
    sessionStorage.removeItem(this.memory);
    return this.id && call('DELETE', this.place, { retries: [] }).catch(() => undefined);
  }
}

class Row {
  constructor(file, t) {
    this.t = t;
    this.file = file;
    this.state = el('span', { class: 'small muted' }, t('waiting', { size: sizeInWords(file.size) }));
    this.name = el('span', {}, file.name);
    this.text = el('span', {}, this.name, ' ', this.state);
    this.action = el('button', { class: 'button plain low', type: 'button' }, t('cancel'));
    this.node = el('li', {}, icon(file.type.startsWith('image/') ? 'image' : 'file'), this.text, this.action);
  }

  progress(percent) {
    this.bar ??= this.text.appendChild(
      el('progress', { max: 100, 'aria-label': this.t('progress_of', { name: this.file.name }) })
    );
    this.bar.value = percent;
    this.state.textContent = this.t('uploading', { size: sizeInWords(this.file.size), percent });
  }

  fail(reason, again) {
    this.bar?.remove();
    this.bar = undefined;
    this.state.remove();
    this.text.querySelector('.error-text')?.remove();
    this.text.append(el('span', { class: 'error-text', role: 'alert' }, reason));
    this.offer(this.t('remove'), () => this.node.remove());
    if (again)
      this.text.append(
        el(
          'button',
          {
            class: 'button plain low',
            type: 'button',
            onclick: event => {
              event.target.remove();
              again();
            }
          },
          this.t('again')
        )
      );
  }

  offer(word, onclick) {
    const fresh = el(
      'button',
      { class: 'button plain low', type: 'button', 'aria-label': `${word} ${this.file.name}`, onclick },
      word
    );
    this.action.replaceWith(fresh);
    this.action = fresh;
  }

  done(answer, address) {
    this.bar?.remove();
    this.text.querySelector('.error-text')?.remove();
    this.node.classList.add('ok');
    this.state.textContent = this.t('stored', {
      size: sizeInWords(answer.size ?? this.file.size),
      digest: shortDigest(answer.digest)
    });
    this.text.append(this.state);
    if (address) this.name.replaceWith(el('a', { href: fillAddress(address, answer) }, this.file.name));
    this.action.replaceWith(el('span', { class: 'tag done' }, this.t('stored_tag')));
  }
}

class Upload {
  constructor(box) {
    this.box = box;
    this.t = speaking(words);
    this.input = box.querySelector('input[type=file]');
    this.list = document.getElementById(box.dataset.list) || this.nextList();
    this.queue = Promise.resolve();
    this.input.addEventListener('change', () => {
      this.take([...this.input.files]);
      this.input.value = '';
    });
    box.addEventListener('dragover', event => {
      event.preventDefault();
      box.dataset.over = '';
    });
    box.addEventListener('dragleave', () => {
      delete box.dataset.over;
    });
    box.addEventListener('drop', event => {
      event.preventDefault();
      delete box.dataset.over;
      this.take([...event.dataTransfer.files]);
    });
  }

  nextList() {
    const next = this.box.nextElementSibling;
    if (next?.matches('ul.files')) return next;
    const made = el('ul', { class: 'files' });
    this.box.after(made);
    return made;
  }

  take(files) {
    for (const file of this.input.multiple ? files : files.slice(0, 1)) {
      const row = new Row(file, this.t);
      this.list.append(row.node);
      const reason = refusal(file, this.input, Number(this.box.dataset.maxBytes) || 0, this.t);
      if (reason) row.fail(reason);
      else this.enqueue(row);
    }
  }

  enqueue(row) {
    let cancelled = false;
    row.offer(this.t('cancel'), () => {
      cancelled = true;
      row.node.remove();
    });
    this.queue = this.queue.then(() => (cancelled ? undefined : this.send(row)));
  }

  async send(row) {
    const { upload, material, href } = this.box.dataset;
    if (row.file.size > PIECE_BYTES) {
      await this.sendInPieces(row);
      return;
    }
    const data = new FormData();
    data.append('material', material);
    data.append('file', row.file, row.file.name);
    try {
      const answer = await postWithRetries(
        upload,
        { data, key: crypto.randomUUID() },
        {
          onprogress: percent => row.progress(percent),
          onrequest: request => row.offer(this.t('cancel'), () => request.abort())
        }
      );
      this.stored(row, answer, href, material);
    } catch (error) {
      this.failed(row, error);
    }
  }

  async sendInPieces(row) {
    const { upload, material, href } = this.box.dataset;
    const pieces = new Pieces(upload, material, row.file);
    row.offer(this.t('cancel'), () => {
      pieces.stopped = true;
      pieces.giveUp();
    });
    try {
      this.stored(row, await pieces.send(percent => row.progress(percent)), href, material);
    } catch (error) {
      this.failed(row, pieces.stopped ? new DOMException('', 'AbortError') : error);
    }
  }

  stored(row, answer, href, material) {
    row.done(answer, href);
    this.settle();
    announce(this.box, 'uploaded', { material, name: row.file.name, answer });
  }

  failed(row, error) {
    if (error.name === 'AbortError') {
      row.node.remove();
      return;
    }
    row.fail(this.t('upload_failed', { reason: error.message }), () => this.enqueue(row));
  }

  /** A material that was missing is there now: its mark of error goes. */
  settle() {
    const field = this.box.closest('.field.wrong');
    field?.classList.remove('wrong');
    field?.querySelectorAll(':scope > .error-text').forEach(text => text.remove());
    this.input.removeAttribute('aria-invalid');
  }
}

export default function uploads() {
  document.querySelectorAll('.upload[data-upload]').forEach(box => new Upload(box));
}
