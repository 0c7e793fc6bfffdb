/* The boundary timers of a step are the one source of its limits: found by id, changed, created with role and way out, removed.
   One command, so that one undo takes all of it back. */
import { extensionWith, readProperty } from './properties.js';
import { placeOf, timerNames } from './timer-text.js';

export const KINDS = {
  minimum: {
    role: 'minimum',
    end: 'reached',
    names: ['已满最短时限', 'Minimum reached'],
    place: host => ({ x: host.x + 20, y: host.y + host.height, away: 62 })
  },
  limit: {
    role: 'step_limit',
    end: 'passed',
    names: ['红色报警', 'Red alarm'],
    place: host => ({ x: host.x + host.width - 20, y: host.y, away: -62 })
  },
  statutory: {
    role: 'statutory_limit',
    end: 'passed',
    names: ['红色报警', 'Red alarm'],
    place: host => ({ x: host.x + host.width - 160, y: host.y, away: -62 })
  },
  promised: {
    role: 'promised_limit',
    end: 'passed',
    names: ['红色报警', 'Red alarm'],
    place: host => ({ x: host.x + host.width - 60, y: host.y, away: -62 })
  }
};

const definitionOf = event =>
  event.businessObject.eventDefinitions?.find(one => one.$type === 'bpmn:TimerEventDefinition');

/** The boundary timer `<step>_<kind>` of a step, or the one with that role. */
export function findTimer(host, kind) {
  const timers = (host.attachers || []).filter(definitionOf);
  return (
    timers.find(event => event.id === `${host.id}_${kind}`) ||
    timers.find(event => readProperty(event.businessObject, 'role') === KINDS[kind].role)
  );
}

export function timerExpression(event) {
  const definition = event && definitionOf(event);
  return (definition?.timeDuration || definition?.timeDate || definition?.timeCycle)?.body || '';
}

class SetTimerHandler {
  constructor(modeling, elementFactory, bpmnFactory) {
    Object.assign(this, { modeling, elementFactory, bpmnFactory });
  }

  /** {host, kind, text} for a step's own timer ('' removes it), or {event, text} for any timer event. */
  preExecute(context) {
    const { host, kind, text } = context;
    const event = context.event || findTimer(host, kind);
    if (!text && event && host) this.remove(event);
    else if (event) this.change(event, kind, text);
    else if (text) this.create(host, kind, text);
  }

  change(event, kind, text) {
    const before = timerExpression(event);
    const definition = definitionOf(event);
    const body = this.bpmnFactory.create('bpmn:FormalExpression', { body: text });
    body.$parent = definition;
    this.modeling.updateModdleProperties(event, definition, {
      timeDuration: undefined,
      timeDate: undefined,
      timeCycle: undefined,
      [placeOf(text)]: body
    });
    this.rename(event, kind, before, text);
  }

  /** A name that said the old limit says the new one; a name of its own stays. */
  rename(event, kind, before, text) {
    const old = timerNames(kind, before);
    const fresh = timerNames(kind, text);
    const { businessObject } = event;
    if (!businessObject.name || businessObject.name === old.name)
      this.modeling.updateProperties(event, { name: fresh.name });
    const english = readProperty(businessObject, 'nameEn');
    if (!english || english === old.nameEn) this.properties(event, { nameEn: fresh.nameEn });
  }

  properties(element, changes) {
    this.modeling.updateProperties(element, {
      extensionElements: extensionWith(element.businessObject, changes, this.bpmnFactory)
    });
  }

  create(host, kind, text) {
    const { role, end, names, place } = KINDS[kind];
    const { x, y, away } = place(host);
    const shape = this.elementFactory.createShape({
      type: 'bpmn:BoundaryEvent',
      eventDefinitionType: 'bpmn:TimerEventDefinition',
      cancelActivity: false
    });
    const event = this.modeling.createShape(shape, { x, y }, host, { attach: true });
    this.modeling.updateProperties(event, { id: `${host.id}_${kind}`, cancelActivity: false });
    this.properties(event, { role });
    this.change(event, kind, text);
    const target = this.modeling.createShape(
      this.elementFactory.createShape({ type: 'bpmn:EndEvent' }),
      { x, y: y + away },
      host.parent
    );
    this.modeling.updateProperties(target, { id: `${host.id}_${kind}_${end}`, name: names[0] });
    this.properties(target, { nameEn: names[1] });
    this.modeling.connect(event, target);
  }

  /** The timer goes with the end event that only it led to. */
  remove(event) {
    const ends = event.outgoing
      .map(flow => flow.target)
      .filter(target => target.type === 'bpmn:EndEvent' && target.incoming.length === 1);
    this.modeling.removeElements([event, ...ends]);
  }
}
SetTimerHandler.$inject = ['modeling', 'elementFactory', 'bpmnFactory'];

const COMMAND = 'mingjing.setTimer';

export const setTimer = (commandStack, context) => commandStack.execute(COMMAND, context);

function register(commandStack) {
  commandStack.registerHandler(COMMAND, SetTimerHandler);
}
register.$inject = ['commandStack'];

export default { __init__: [register] };
