/* What differs between two versions of a diagram, in words: limits first. Reads XML with the browser's parser; no layout. */
import { timerInWords } from './timer-text.js';

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const SPIFF = 'http://spiffworkflow.org/bpmn/schema/1.0/core';
const KIND_OF_ROLE = {
  minimum: 'minimum',
  step_limit: 'limit',
  statutory_limit: 'statutory',
  promised_limit: 'promised'
};
const LISTS = {
  post: 'posts',
  formKey: 'forms',
  separationGroup: 'groups',
  printsDocument: 'documents',
  operation: 'operations',
  requiredMaterials: 'materials',
  producedMaterials: 'materials'
};
const UNSAID = new Set(['nameEn']); // the English name follows the Chinese one

const inner = (node, namespace, name) =>
  [...node.children].find(child => child.namespaceURI === namespace && child.localName === name);
const textOf = node => node?.textContent.trim() || '';

function propertiesOf(node) {
  const bag = inner(inner(node, BPMN, 'extensionElements') || node, SPIFF, 'properties');
  return Object.fromEntries(
    [...(bag?.children || [])].map(property => [property.getAttribute('name'), property.getAttribute('value') || ''])
  );
}

function timerOf(node) {
  const definition = inner(node, BPMN, 'timerEventDefinition');
  return definition ? textOf(definition.firstElementChild) : undefined;
}

function read(xml) {
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  const elements = new Map();
  for (const node of document.querySelectorAll('[id]')) {
    if (node.namespaceURI !== BPMN || !node.closest('process') || node.localName.endsWith('Definition')) continue;
    const attribute = name => node.getAttribute(name) || '';
    elements.set(node.id, {
      id: node.id,
      type: node.localName,
      name: attribute('name'),
      properties: propertiesOf(node),
      timer: timerOf(node),
      host: attribute('attachedToRef'),
      interrupting: attribute('cancelActivity') !== 'false',
      called: attribute('calledElement'),
      standard: attribute('default'),
      source: attribute('sourceRef'),
      target: attribute('targetRef'),
      condition: textOf(inner(node, BPMN, 'conditionExpression'))
    });
  }
  return elements;
}

/** Which limit of which step a boundary timer is; undefined for other elements. */
export function limitKind({ id, host, timer, properties }) {
  if (!host || timer === undefined) return undefined;
  return KIND_OF_ROLE[properties.role] || Object.values(KIND_OF_ROLE).find(kind => id === `${host}_${kind}`);
}

class Comparison {
  constructor(before, after, { options, t, kindWord, language }) {
    Object.assign(this, { before, after, options, t, kindWord, language, result: [] });
  }

  name(id, elements = this.after) {
    const one = elements.get(id) || this.before.get(id);
    return one?.name || id;
  }

  label(list, value) {
    if (!value) return this.t('none');
    return value
      .split('|')
      .map(part => (this.options[list] || []).find(option => option.value === part)?.label || part)
      .join('、');
  }

  add(text, limit = false) {
    this.result.push({ text, limit });
  }

  say(name, what, from, to, limit = false) {
    this.add(this.t('changed', { name, what, from: from || this.t('none'), to: to || this.t('none') }), limit);
  }

  run() {
    const ids = new Set([...this.before.keys(), ...this.after.keys()]);
    ids.forEach(id => this.compare(this.before.get(id), this.after.get(id)));
    return this.result.sort((one, two) => Number(two.limit) - Number(one.limit));
  }

  compare(old, fresh) {
    const one = fresh || old;
    const kind = limitKind(fresh || old) || (old && limitKind(old));
    if (kind) {
      this.limit(one.host, kind, old?.timer, fresh?.timer);
      return;
    }
    if (!old || !fresh) {
      this.whole(one, old ? 'removed' : 'added');
      return;
    }
    if (one.type === 'sequenceFlow') {
      this.flow(old, fresh);
      return;
    }
    this.element(old, fresh);
  }

  limit(host, kind, old, fresh) {
    if (old === fresh) return;
    this.say(this.name(host), this.t(kind), timerInWords(old, this.language), timerInWords(fresh, this.language), true);
  }

  /** Ends and flows that only belong to a limit are told with the limit. */
  whole(one, verb) {
    const elements = verb === 'added' ? this.after : this.before;
    if (one.type === 'sequenceFlow') {
      const source = elements.get(one.source);
      if (source && limitKind(source)) return;
      this.add(this.t(verb, { what: this.flowName(one, elements) }));
    } else if (
      one.type !== 'endEvent' ||
      ![...elements.values()].some(flow => flow.target === one.id && limitKind(elements.get(flow.source) || {}))
    ) {
      this.add(this.t(verb, { what: `${this.kindWord(one.type)} ${one.name || one.id}` }));
    }
  }

  flowName(flow, elements) {
    return this.t('flow', { source: this.name(flow.source, elements), target: this.name(flow.target, elements) });
  }

  flow(old, fresh) {
    const name = this.flowName(fresh, this.after);
    if (old.source !== fresh.source || old.target !== fresh.target)
      this.say(
        this.flowName(old, this.before),
        this.t('to_other'),
        this.name(old.target, this.before),
        this.name(fresh.target)
      );
    if (old.condition !== fresh.condition) this.say(name, this.t('condition'), old.condition, fresh.condition);
    if (old.name !== fresh.name) this.say(name, this.t('name_word'), old.name, fresh.name);
  }

  element(old, fresh) {
    const name = fresh.name || fresh.id;
    if (old.type !== fresh.type)
      this.say(name, this.t('kind_word'), this.kindWord(old.type), this.kindWord(fresh.type));
    if (old.name !== fresh.name) this.say(fresh.id, this.t('name_word'), old.name, fresh.name);
    if (old.timer !== fresh.timer)
      this.say(
        name,
        this.t('timer'),
        timerInWords(old.timer, this.language),
        timerInWords(fresh.timer, this.language),
        true
      );
    if (old.called !== fresh.called) this.say(name, this.t('calledElement'), old.called, fresh.called);
    if (old.standard !== fresh.standard)
      this.say(name, this.t('default_word'), this.standard(old, this.before), this.standard(fresh, this.after));
    this.properties(name, old.properties, fresh.properties);
  }

  standard(one, elements) {
    const flow = elements.get(one.standard);
    return flow ? this.name(flow.target, elements) : '';
  }

  properties(name, old, fresh) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
      if (old[key] === fresh[key] || UNSAID.has(key)) continue;
      const what = key.startsWith('variable:') ? this.t('variable', { name: key.slice(9) }) : this.t(key);
      this.say(name, what, this.value(key, old[key]), this.value(key, fresh[key]));
    }
  }

  value(key, value) {
    if (key === 'outcome' || key === 'role') return value ? this.t(`${key}_${value}`) : '';
    if (value === 'true') return '✓';
    return LISTS[key] ? this.label(LISTS[key], value) : value;
  }
}

/** Lines [{text, limit}] for two diagrams; `words` holds options, t, kindWord and language. */
export default function changes(before, after, words) {
  return new Comparison(read(before), read(after), words).run();
}
