import { useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";

/** Renders nothing. Keeps the active tab visible, and marks the sides on which the strip has more tabs. */
export function TabStrip() {
  const active = useGraphiQL(({ activeTabIndex }) => activeTabIndex);
  const count = useGraphiQL(({ tabs }) => tabs.length);
  useEffect(() => {
    const strip = document.querySelector(".graphiql-tabs");
    const show = () => {
      strip.children[active]?.scrollIntoView({ block: "nearest", inline: "nearest" });
      mark(strip);
    };
    const resized = new ResizeObserver(show);
    const scrolled = () => mark(strip);
    show();
    resized.observe(strip);
    strip.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      resized.disconnect();
      strip.removeEventListener("scroll", scrolled);
    };
  }, [active, count]);
  return null;
}

function mark(strip) {
  const hidden = strip.scrollWidth - strip.clientWidth - strip.scrollLeft;
  strip.classList.toggle("bff-more-before", strip.scrollLeft > 1);
  strip.classList.toggle("bff-more-after", hidden > 1);
}
