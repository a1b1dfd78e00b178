import { useState } from "react";
import { Choice } from "./controls";
import type { ThemeChoice } from "./theme";
import { chooseTheme, themeChoice } from "./theme";

export function ThemeSwitch() {
  const [choice, setChoice] = useState<ThemeChoice>(themeChoice);
  return (
    <Choice
      label="Colours"
      value={choice}
      options={[
        { value: "system", label: "Auto" },
        { value: "light", label: "Light" },
        { value: "dark", label: "Dark" },
      ]}
      onChange={(value) => {
        setChoice(value);
        chooseTheme(value);
      }}
    />
  );
}
