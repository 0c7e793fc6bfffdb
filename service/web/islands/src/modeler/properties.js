/* `spiffworkflow:properties` of an element: read one, write one, by modeling commands so that undo knows. */
const find = (businessObject, type) =>
  businessObject.extensionElements?.values?.find(extension => extension.$type === type);

const bagOf = businessObject => find(businessObject, 'spiffworkflow:Properties')?.properties || [];

export const readProperty = (businessObject, name) =>
  bagOf(businessObject).find(property => property.name === name)?.value ?? '';

export const propertyNames = businessObject => bagOf(businessObject).map(property => property.name);

/** New extension elements with some properties set; undefined or '' takes one away. Others and their order stay. */
export function extensionWith(businessObject, changes, bpmnFactory) {
  const make = (type, attributes, parent) => Object.assign(bpmnFactory.create(type, attributes), { $parent: parent });
  const extension = make('bpmn:ExtensionElements', { values: [] }, businessObject);
  const bag = make('spiffworkflow:Properties', {}, extension);
  const kept = bagOf(businessObject).map(({ name, value }) => ({
    name,
    value: name in changes ? changes[name] : value
  }));
  const fresh = Object.entries(changes)
    .filter(([name]) => !kept.some(property => property.name === name))
    .map(([name, value]) => ({ name, value }));
  bag.properties = [...kept, ...fresh]
    .filter(({ value }) => value !== undefined && value !== '')
    .map(one => make('spiffworkflow:Property', one, bag));
  const others = (businessObject.extensionElements?.values || []).filter(
    one => one.$type !== 'spiffworkflow:Properties'
  );
  others.forEach(other => {
    other.$parent = extension;
  });
  extension.values = bag.properties.length ? [...others, bag] : others;
  return extension.values.length ? extension : undefined;
}

export function writeProperties(element, changes, { modeling, bpmnFactory }) {
  modeling.updateProperties(element, {
    extensionElements: extensionWith(element.businessObject, changes, bpmnFactory)
  });
}
