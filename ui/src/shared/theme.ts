import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from "@mantine/core";

// Ten shades each, light to dark; index 6 carries the light scheme, 4 the dark one (see tokens.css).
const stone: MantineColorsTuple = [
  "#f2f6fb",
  "#e1e9f3",
  "#c2d1e5",
  "#a0b6d5",
  "#7f9bc4",
  "#5b7cab",
  "#41628f",
  "#355277",
  "#29405e",
  "#1d2431",
];
const clay: MantineColorsTuple = [
  "#fdf4ee",
  "#fae5d8",
  "#f3c8ae",
  "#eaa883",
  "#e08a5b",
  "#cd6c3c",
  "#b9582a",
  "#994822",
  "#75381c",
  "#2b221d",
];

// Mantine's neutrals in ours, so that what it colours by itself (inputs, menus, hovers) agrees with the tokens.
const gray: MantineColorsTuple = [
  "#fbfbfa",
  "#f4f4f1",
  "#e9e9e5",
  "#e4e4e0",
  "#dcdcd6",
  "#b5b8bf",
  "#6c727e",
  "#585f6b",
  "#3d434c",
  "#1f2328",
];
const red: MantineColorsTuple = [
  "#fdf1f0",
  "#fadcda",
  "#f2b5b0",
  "#e98b84",
  "#d65a50",
  "#cb4a40",
  "#c0392f",
  "#9f2f27",
  "#7c251f",
  "#301f20",
];
const dark: MantineColorsTuple = [
  "#e6e8ec",
  "#c3c8d1",
  "#a1a9b7",
  "#868fa0",
  "#363c49",
  "#2a2f3a",
  "#1c1f26",
  "#1c1f26",
  "#16181d",
  "#101216",
];

/** Controls are 28 px high so that they sit in the 28 px rows. */
const control = { height: "28px", fz: "13px" };

export const theme = createTheme({
  fontFamily: "var(--sw-font)",
  fontFamilyMonospace: "var(--sw-mono)",
  colors: { stone, clay, gray, dark, red },
  primaryColor: "stone",
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  // Mantine picks the text on a filled button for one scheme only; ours is a token that knows both.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    const onStone = input.variant === "filled" && (input.color ?? "stone") === "stone";
    return onStone ? { ...colors, color: "var(--sw-on-accent)" } : colors;
  },
  luminanceThreshold: 0.3,
  defaultRadius: "sm",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "8px", xl: "8px" },
  fontSizes: { xs: "11px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "16px", sm: "20px", md: "20px", lg: "22px", xl: "26px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: {
      defaultProps: { size: "sm", variant: "default" },
      vars: () => ({
        root: { "--button-height": control.height, "--button-fz": control.fz, "--button-padding-x": "12px" },
      }),
      styles: { root: { fontWeight: 500 } },
    },
    ActionIcon: { defaultProps: { size: 28, variant: "subtle", color: "gray" } },
    Input: {
      vars: () => ({
        wrapper: {
          "--input-height": control.height,
          "--input-size": control.height,
          "--input-fz": control.fz,
        },
      }),
    },
    InputWrapper: {
      styles: {
        label: { fontSize: "12px", fontWeight: 500, color: "var(--sw-muted)", marginBottom: 4 },
        description: { fontSize: "12px" },
        error: { fontSize: "12px" },
      },
    },
    TagsInput: {
      defaultProps: { size: "xs" },
      styles: {
        input: { minHeight: 28, paddingTop: 0, paddingBottom: 0, display: "flex", alignItems: "center" },
        pillsList: { flex: 1 },
        pill: { background: "var(--sw-raised)", color: "var(--sw-text)", fontSize: "12px" },
        inputField: { fontSize: "13px" },
        dropdown: { boxShadow: "var(--sw-shadow)" },
        option: { fontSize: "13px" },
      },
    },
    Tooltip: {
      defaultProps: { openDelay: 400, withArrow: false, transitionProps: { duration: 120 } },
      styles: {
        tooltip: {
          background: "var(--sw-text)",
          color: "var(--sw-panel)",
          fontSize: "12px",
          padding: "2px 8px",
        },
      },
    },
    Menu: {
      defaultProps: { transitionProps: { duration: 120 }, shadow: "none" },
      styles: {
        dropdown: { boxShadow: "var(--sw-shadow)", padding: 4 },
        item: { fontSize: "13px", padding: "4px 8px", minHeight: 28 },
        label: { fontSize: "11px", padding: "4px 8px" },
      },
    },
    Popover: { defaultProps: { shadow: "none" }, styles: { dropdown: { boxShadow: "var(--sw-shadow)" } } },
    Modal: {
      defaultProps: {
        // Gone at once: an overlay that fades still takes the next click.
        transitionProps: { duration: 150, exitDuration: 0 },
        overlayProps: { color: "var(--sw-overlay)", backgroundOpacity: 1 },
      },
      styles: {
        content: { boxShadow: "var(--sw-shadow)", border: "1px solid var(--sw-line)" },
        // A long title keeps the cross beside its first line.
        header: { minHeight: 48, padding: "8px 8px 8px 16px", alignItems: "flex-start" },
        title: {
          paddingTop: 6,
          fontSize: "15px",
          fontWeight: 600,
          lineHeight: 1.35,
          minWidth: 0,
          overflowWrap: "anywhere",
        },
        body: { padding: "4px 16px 16px" },
      },
    },
    Radio: {
      styles: { label: { fontSize: "13px" }, description: { fontSize: "12px", marginTop: 0 } },
    },
    CloseButton: { defaultProps: { size: 28 } },
    Checkbox: {
      defaultProps: { size: "xs" },
      styles: {
        label: { fontSize: "13px", lineHeight: "16px" },
        description: { fontSize: "12px", marginTop: 2 },
      },
    },
    Switch: { defaultProps: { size: "xs" } },
  },
});

/** Points Mantine's own surface variables at the tokens, so both agree in dark and light. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const surfaces = {
    "--mantine-color-body": "var(--sw-panel)",
    "--mantine-color-text": "var(--sw-text)",
    "--mantine-color-dimmed": "var(--sw-muted)",
    "--mantine-color-placeholder": "var(--sw-dim)",
    "--mantine-color-default": "var(--sw-panel)",
    "--mantine-color-default-hover": "var(--sw-hover)",
    "--mantine-color-default-color": "var(--sw-text)",
    "--mantine-color-default-border": "var(--sw-line)",
    "--mantine-color-error": "var(--sw-danger)",
    "--mantine-color-disabled": "var(--sw-raised)",
    "--mantine-color-disabled-color": "var(--sw-dim)",
    "--mantine-color-disabled-border": "var(--sw-line)",
    "--mantine-color-anchor": "var(--sw-stone)",
  };
  return { variables: {}, light: surfaces, dark: surfaces };
};
