"""The demo county 临江县: its departments, people, items, diagrams, and three months of cases."""
