export { RecordsPanel } from "./RecordsPanel";
