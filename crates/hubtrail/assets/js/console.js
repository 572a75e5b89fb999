// What every page loads. Each module adds to a page that works without it.
import "./chart.js";
import "./connection.js";
import "./drawer.js";
import "./editor.js";
import "./keys.js";
import "./opens.js";
import "./palette.js";
import "./part.js";
import "./query.js";
import "./stages.js";
import "./tail.js";
import "./theme.js";
import "./ticks.js";
import "./times.js";
import "./toast.js";
