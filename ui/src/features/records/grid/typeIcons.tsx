import {
  AlignLeft,
  ArrowUpRight,
  AtSign,
  Banknote,
  Binary,
  Braces,
  Calendar,
  CircleDot,
  Clock,
  DecimalsArrowRight,
  Fingerprint,
  Hash,
  Image,
  Link,
  List,
  type LucideIcon,
  Paperclip,
  Percent,
  Phone,
  SquareCheck,
  Type,
  Waypoints,
} from "lucide-react";
import type { FieldType } from "../../../api";
import type { Column } from "../model/columns";

const ICONS: Record<FieldType, LucideIcon> = {
  string: Type,
  text: AlignLeft,
  integer: Hash,
  float: DecimalsArrowRight,
  decimal: DecimalsArrowRight,
  bool: SquareCheck,
  date: Calendar,
  datetime: Clock,
  uuid: Fingerprint,
  json: Braces,
  binary: Binary,
  email: AtSign,
  phone: Phone,
  url: Link,
  currency: Banknote,
  percentage: Percent,
  select: CircleDot,
  multiselect: List,
  file: Paperclip,
  image: Image,
};

export function TypeIcon({ column, size = 13 }: { column: Column; size?: number }) {
  const Icon =
    column.kind === "field" ? ICONS[column.type] : column.kind === "reference" ? ArrowUpRight : Waypoints;
  return <Icon size={size} strokeWidth={1.75} aria-hidden />;
}

/** "string", or "Artist" for a relationship: what the header's tooltip says. */
export function typeWord(column: Column): string {
  return column.kind === "field" ? column.type : column.target.name;
}
