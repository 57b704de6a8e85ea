/* Points of a map in buckets of a uniform grid: neighbours, the point at the pointer, the points in a box. Pure. */
(function () {
  "use strict";

  const PER_CELL = 2; /* Points a cell on average: few enough to look at, many enough to skip empty cells. */

  /* `x` and `y` are arrays of finite numbers, one point each. They are read again at every search, so they must not
     change. Points may coincide; ties go to the lower index everywhere. */
  function create(x, y) {
    const n = x.length;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < n; i += 1) {
      if (x[i] < left) left = x[i];
      if (x[i] > right) right = x[i];
      if (y[i] < low) low = y[i];
      if (y[i] > high) high = y[i];
    }
    const wide = right - left || 0;
    const tall = high - low || 0;
    const most = Math.max(1, Math.ceil(n / PER_CELL));
    /* Square cells; a line of points gets cells along the line only. */
    const side = Math.max(Math.sqrt((wide * tall) / most), Math.max(wide, tall) / most) || 1;
    const columns = Math.max(1, Math.floor(wide / side) + 1);
    const rows = Math.max(1, Math.floor(tall / side) + 1);
    const slack = 1e-9 * Math.max(wide, tall, Math.abs(left), Math.abs(low), 0); /* Rounding at the edges of cells. */

    const column = (value) => clamp(Math.floor((value - left) / side), columns);
    const row = (value) => clamp(Math.floor((value - low) / side), rows);
    const { starts, members } = buckets();

    /* Counting sort: members of cell c are members[starts[c]] … members[starts[c + 1] − 1], in ascending order. */
    function buckets() {
      const cells = new Uint32Array(n);
      const from = new Uint32Array(columns * rows + 1);
      for (let i = 0; i < n; i += 1) {
        cells[i] = row(y[i]) * columns + column(x[i]);
        from[cells[i] + 1] += 1;
      }
      for (let c = 0; c < columns * rows; c += 1) from[c + 1] += from[c];
      const next = from.slice();
      const sorted = new Uint32Array(n);
      for (let i = 0; i < n; i += 1) {
        sorted[next[cells[i]]] = i;
        next[cells[i]] += 1;
      }
      return { starts: from, members: sorted };
    }

    /* The `count` nearest points, the nearest first, as {indices, distances} (squared). Cells are looked at in growing
       squares around the place, until what lies outside of the square is farther than all that has been found. */
    function search(px, py, count, limit, accept) {
      const indices = [];
      const distances = [];
      const [cx, cy] = [column(px), row(py)];
      const reach = Math.max(cx, columns - 1 - cx, cy, rows - 1 - cy);
      const farthest = () => (indices.length < count ? limit : Math.min(limit, distances[indices.length - 1]));

      function look(c, r) {
        const cell = r * columns + c;
        for (let at = starts[cell]; at < starts[cell + 1]; at += 1) {
          if (indices.length === count && distances[count - 1] === 0) {
            return; /* Members come by index, and ties go to the lower. */
          }
          const i = members[at];
          const distance = (x[i] - px) ** 2 + (y[i] - py) ** 2;
          if (distance > farthest() || !accept(i)) continue;
          let place = indices.length;
          while (
            place > 0 &&
            (distances[place - 1] > distance || (distances[place - 1] === distance && indices[place - 1] > i))
          ) place -= 1;
          if (place >= count) continue;
          indices.splice(place, 0, i);
          distances.splice(place, 0, distance);
          if (indices.length > count) {
            indices.pop();
            distances.pop();
          }
        }
      }

      for (let ring = 0; ring <= reach; ring += 1) {
        const [c0, c1, r0, r1] = [cx - ring, cx + ring, cy - ring, cy + ring];
        for (let r = Math.max(0, r0); r <= Math.min(rows - 1, r1); r += 1) {
          const whole = r === r0 || r === r1;
          for (let c = Math.max(0, c0); c <= Math.min(columns - 1, c1); c += 1) {
            if (whole || c === c0 || c === c1) look(c, r);
            else c = Math.min(columns, c1) - 1; /* Inside of the ring: looked at before. */
          }
        }
        /* Distance from the place to what lies outside of the square; nothing lies outside of the grid. */
        const outside = Math.min(
          c0 > 0 ? px - (left + c0 * side) : Infinity,
          c1 < columns - 1 ? left + (c1 + 1) * side - px : Infinity,
          r0 > 0 ? py - (low + r0 * side) : Infinity,
          r1 < rows - 1 ? low + (r1 + 1) * side - py : Infinity,
        ) - slack;
        if (outside > 0 && outside * outside > farthest()) break;
      }
      return indices;
    }

    /* The `count` points nearest to point `i`, without itself. */
    function neighbors(i, count) {
      return count > 0 ? search(x[i], y[i], Math.min(count, n - 1), Infinity, (other) => other !== i) : [];
    }

    /* The point nearest to a place, at most `radius` away, or −1. `accept(index)` may leave points out. */
    function nearest(px, py, radius, accept) {
      if (n === 0 || !(radius >= 0)) return -1;
      const [found] = search(px, py, 1, radius * radius, accept || always);
      return found === undefined ? -1 : found;
    }

    /* The points in a box, its edges included, in ascending order. */
    function inside(x0, y0, x1, y1) {
      const [xa, xb] = x0 < x1 ? [x0, x1] : [x1, x0];
      const [ya, yb] = y0 < y1 ? [y0, y1] : [y1, y0];
      const found = [];
      if (n === 0 || xa > right || xb < left || ya > high || yb < low) return found;
      for (let r = row(ya); r <= row(yb); r += 1) {
        for (let c = column(xa); c <= column(xb); c += 1) {
          const cell = r * columns + c;
          for (let at = starts[cell]; at < starts[cell + 1]; at += 1) {
            const i = members[at];
            if (x[i] >= xa && x[i] <= xb && y[i] >= ya && y[i] <= yb) found.push(i);
          }
        }
      }
      return found.sort((a, b) => a - b);
    }

    return { neighbors, nearest, inside };
  }

  function always() {
    return true;
  }

  function clamp(value, count) {
    return value > 0 ? Math.min(value, count - 1) : 0;
  }

  window.clusterfolio.spatial = { create };
})();
