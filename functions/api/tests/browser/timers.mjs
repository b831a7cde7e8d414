// Time goes on only when it is told to, and what is due by then is done.
export class Timers {
  now = 0;
  held = new Map();
  next = 1;

  set(act, millis, each) {
    this.held.set(this.next, { act, at: this.now + millis, each });
    return this.next++;
  }

  async pass(millis) {
    const end = this.now + millis;
    for (;;) {
      await settled();
      const due = [...this.held].filter(([, one]) => one.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      const [id, one] = due;
      this.now = one.at;
      if (one.each) one.at += one.each;
      else this.held.delete(id);
      one.act();
    }
    this.now = end;
  }
}

// All promises that need no time are kept.
export async function settled() {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}
