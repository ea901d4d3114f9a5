/** The names of teams; one without a row here is shown as the users file names it. */
export const teams = {
  it: 'IT',
  operations: 'Operations',
  warehouse: 'Warehouse',
  'customer-service': 'Customer service',
  finance: 'Finance',
};
