/* The diagram of a process that does not exist yet: received, one step, done. */
export default key => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions_${key}" targetNamespace="urn:mingjing:process">
  <bpmn:process id="${key}" isExecutable="true">
    <bpmn:startEvent id="start" name="收到申请"><bpmn:outgoing>flow_start</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="apply" name="提交申请"><bpmn:incoming>flow_start</bpmn:incoming><bpmn:outgoing>flow_apply</bpmn:outgoing></bpmn:userTask>
    <bpmn:endEvent id="end_granted" name="办结"><bpmn:incoming>flow_apply</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="flow_start" sourceRef="start" targetRef="apply"/>
    <bpmn:sequenceFlow id="flow_apply" sourceRef="apply" targetRef="end_granted"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="${key}">
    <bpmndi:BPMNShape id="start_di" bpmnElement="start"><dc:Bounds x="160" y="202" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="apply_di" bpmnElement="apply"><dc:Bounds x="260" y="180" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="end_granted_di" bpmnElement="end_granted"><dc:Bounds x="432" y="202" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="flow_start_di" bpmnElement="flow_start"><di:waypoint x="196" y="220"/><di:waypoint x="260" y="220"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="flow_apply_di" bpmnElement="flow_apply"><di:waypoint x="360" y="220"/><di:waypoint x="432" y="220"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
