"use strict";
/* The data of the page: blocks of gzip in base64, decoded when they are needed. */
(() => {
  const inflate = async (id) => {
    const node = document.getElementById(`d-${id}`);
    const text = node.textContent;
    const packed = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  };
  const decoder = new TextDecoder();
  R.json = async (id) => JSON.parse(decoder.decode(await inflate(id)));

  const arrays = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i4: Int32Array };
  const chunkRows = 65536;

  /** A long list of records, in blocks; the block of a record is decoded when it is asked for. */
  R.Packed = class {
    constructor(spec) {
      this.spec = spec;
      this.kept = new Map();
    }
    get count() { return this.spec.count ?? 0; }
    async block(number) {
      if (!this.kept.has(number)) this.kept.set(number, R.json(this.spec.chunks[number]));
      return this.kept.get(number);
    }
    async get(index) {
      return (await this.block(Math.floor(index / this.spec.rows)))[index % this.spec.rows];
    }
    async all() {
      const blocks = [];
      for (let number = 0; number < this.spec.chunks.length; number += 1) blocks.push(await this.block(number));
      return blocks.flat();
    }
  };

  /** A table of columns; the first chunk is there at once, the others follow. */
  R.Table = class {
    constructor(spec) {
      this.spec = spec;
      this.rows = spec.rows;
      this.loaded = 0;
      for (const [name, column] of Object.entries(spec.columns)) {
        if (column.type === "json") this[name] = new R.Packed({ ...column, count: this.rows });
        else this[name] = column.delta ? new Float64Array(this.rows) : new arrays[column.type](this.rows);
      }
    }
    get chunks() { return Math.ceil(this.rows / chunkRows); }
    async loadChunk(number) {
      const numeric = Object.entries(this.spec.columns).filter(([, column]) => column.type !== "json");
      await Promise.all(numeric.map(async ([name, column]) => {
        const data = await inflate(column.chunks[number]);
        const at = number * chunkRows;
        if (!column.delta) {
          this[name].set(new arrays[column.type](data), at);
          return;
        }
        // 64-bit differences: sums below 2^53 ns (104 days) are exact.
        const low = new Uint32Array(data), high = new Int32Array(data), target = this[name];
        let sum = at ? target[at - 1] : 0;
        for (let row = 0; row < low.length / 2; row += 1) {
          sum += high[2 * row + 1] * 4294967296 + low[2 * row];
          target[at + row] = sum;
        }
      }));
      this.loaded = Math.min((number + 1) * chunkRows, this.rows);
    }
    async load() {
      for (let number = Math.ceil(this.loaded / chunkRows); number < this.chunks; number += 1) await this.loadChunk(number);
    }
  };

  /** The ids of sources beyond the first begin with their number and a dot. */
  R.key = (source, number) => (source ? `${source}.${number}` : String(number));
  R.split = (id) => {
    const found = /^(?:(\d+)\.)?(.*)$/.exec(id);
    return { source: Number(found[1] ?? 0), rest: found[2] };
  };
})();
