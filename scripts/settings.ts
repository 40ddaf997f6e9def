import { writeFileSync } from "node:fs";
import { settingsPage } from "./settingsPage.js";

writeFileSync("docs/configuration.md", settingsPage());
