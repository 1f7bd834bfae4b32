import { BonjourMaitre } from "./element.js";

if (!customElements.get("bonjour-maitre")) customElements.define("bonjour-maitre", BonjourMaitre);
