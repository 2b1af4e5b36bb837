export { type DriverParts, memoryDriver, memoryPlugin } from './memory-driver.ts';
export { type MemorySubject, memorySubject } from './subject.ts';
