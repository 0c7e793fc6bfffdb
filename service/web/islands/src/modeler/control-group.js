/* Our groups of the properties panel: the control node of a step, timers, flows. What the engine does not know is left out. */
import { isTextFieldEntryEdited } from '@bpmn-io/properties-panel';
import { Group } from '@bpmn-io/properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil';
import {
  AttributeChoice,
  EventTimer,
  FlowCondition,
  PropertyChecklist,
  PropertyChoice,
  PropertyText,
  PropertyTick,
  StepTimer
} from './entries.js';
import { propertyNames } from './properties.js';

const KEPT_GROUPS = ['general', 'documentation', 'error', 'message'];
const ROLES = ['minimum', 'step_limit', 'statutory_limit', 'promised_limit', 'reminder', 'too_early', 'move'];
const OUTCOMES = ['granted', 'refused', 'not_accepted', 'withdrawn', 'completed', 'terminated'];

const hasTimer = element =>
  element.businessObject.eventDefinitions?.some(definition => definition.$type === 'bpmn:TimerEventDefinition');
const isStep = element => is(element, 'bpmn:Activity');
const isProcess = element => is(element, 'bpmn:Process');

/** Entries for an element: [property or kind, component, more]. Order is the order of the panel. */
function controlEntries(element, options, t) {
  const words = (names, prefix) => names.map(value => ({ value, label: t(`${prefix}_${value}`) }));
  const user = is(element, 'bpmn:UserTask');
  const caller = is(element, 'bpmn:CallActivity');
  return [
    user && ['post', PropertyChoice, { options: options.posts }],
    user && ['formKey', PropertyChoice, { options: options.forms }],
    user && ['separationGroup', PropertyChoice, { options: options.groups }],
    user && ['officers', PropertyTick, { on: '2', label: t('two_officers') }],
    user && ['minimum', StepTimer, { kind: 'minimum' }],
    isStep(element) && !is(element, 'bpmn:SubProcess') && ['limit', StepTimer, { kind: 'limit' }],
    is(element, 'bpmn:SubProcess') && ['statutory', StepTimer, { kind: 'statutory' }],
    is(element, 'bpmn:SubProcess') && ['promised', StepTimer, { kind: 'promised' }],
    caller && ['calledElement', AttributeChoice, { options: options.processes }],
    is(element, 'bpmn:ServiceTask') && ['operation', PropertyChoice, { options: options.operations }],
    (user || caller) && ['requiredMaterials', PropertyChecklist, { options: options.materials }],
    user && ['producedMaterials', PropertyChecklist, { options: options.materials }],
    isStep(element) && ['gate', PropertyText, { hint: t('gate_hint') }],
    isStep(element) && ['stopsClock', PropertyTick, {}],
    isStep(element) && ['stopBasis', PropertyText, {}],
    user && ['printsDocument', PropertyChoice, { options: options.documents }],
    user && ['halts', PropertyTick, { on: 'case' }],
    is(element, 'bpmn:BoundaryEvent') && ['role', PropertyChoice, { options: words(ROLES, 'role') }],
    is(element, 'bpmn:EndEvent') && ['outcome', PropertyChoice, { options: words(OUTCOMES, 'outcome') }],
    ...(isProcess(element)
      ? propertyNames(element.businessObject)
          .filter(name => name.startsWith('variable:'))
          .map(name => [name, PropertyText, { label: t('variable', { name: name.slice(9) }) }])
      : []),
    !is(element, 'bpmn:TextAnnotation') && !is(element, 'bpmn:Association') && ['nameEn', PropertyText, {}]
  ].filter(Boolean);
}

function drawEntries(rows, element, t) {
  return rows.map(([name, component, more]) => ({
    id: `mj-${name.replace(':', '-')}`,
    element,
    name,
    component,
    isEdited: isTextFieldEntryEdited,
    t,
    label: more.label || t(name),
    ...more
  }));
}

const group = (id, label, entries) =>
  entries.length ? [{ id, label, component: Group, entries, shouldOpen: true }] : [];

class ControlNodeProvider {
  constructor(propertiesPanel, options, words) {
    Object.assign(this, { options, t: words });
    propertiesPanel.registerProvider(400, this);
  }

  getGroups(element) {
    const { options, t } = this;
    const gateway = element.source && is(element.source, 'bpmn:ExclusiveGateway');
    const own = [
      ...group('mj-control-node', t('group'), drawEntries(controlEntries(element, options, t), element, t)),
      ...group(
        'mj-timer',
        t('timer_group'),
        hasTimer(element) ? drawEntries([['timer', EventTimer, {}]], element, t) : []
      ),
      ...group(
        'mj-flow',
        t('flow_group'),
        is(element, 'bpmn:SequenceFlow') && gateway
          ? drawEntries([['condition', FlowCondition, { hint: t('condition_hint') }]], element, t)
          : []
      )
    ];
    return groups => {
      const kept = groups
        .filter(({ id }) => KEPT_GROUPS.includes(id))
        .map(one => ({ ...one, ...(one.id === 'general' && { shouldOpen: true }) }));
      return [...kept.slice(0, 1), ...own, ...kept.slice(1)];
    };
  }
}
ControlNodeProvider.$inject = ['propertiesPanel', 'controlOptions', 'controlWords'];

/** The module, with the options of the page (lists of {value, label}). */
export default (options, t) => ({
  __init__: ['controlNodeProvider'],
  controlNodeProvider: ['type', ControlNodeProvider],
  controlOptions: ['value', options],
  controlWords: ['value', t]
});
