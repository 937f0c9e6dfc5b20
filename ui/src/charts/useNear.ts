import { type RefObject, useEffect, useState } from "react";

/** Whether an element is on the screen or within `margin` pixels of it, and how wide it was then. */
export function useNear(
  place: RefObject<Element | null>,
  margin: number,
): { isNear: boolean; width: number } {
  const [near, setNear] = useState({ isNear: false, width: 0 });
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1);
        if (last !== undefined)
          setNear({ isNear: last.isIntersecting, width: last.boundingClientRect.width });
      },
      { rootMargin: `${margin}px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [place, margin]);
  return near;
}
