import { spotlight } from "@mantine/spotlight";
import { Kbd } from "../shared";
import css from "./app.module.css";
import { TabList } from "./TabList";

export function TopBar() {
  return (
    <header className={css.top}>
      <span className={css.title}>
        <span className={css.mark} aria-hidden />
        <strong className="sw-ellipsis">Stoneware</strong>
      </span>
      <TabList />
      <button
        type="button"
        className={css.search}
        aria-keyshortcuts="Control+K"
        onClick={() => spotlight.open()}
      >
        Search or command <Kbd keys="mod+k" />
      </button>
    </header>
  );
}
