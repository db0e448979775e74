import css from "./app.module.css";

export function StatusBar() {
  return (
    <footer className={css.status}>
      <span className={css.saved}>Saved</span>
    </footer>
  );
}
