export { CustomSchemas } from './custom-schemas.ts';
export { definitionErrors } from './definition-errors.ts';
export { printed, printerColumns } from './printer-columns.ts';
