// Does three things at once and says in which order they end: what waits blocks nobody.
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function work(name, ms) {
  await sleep(ms);
  console.log(`${name} is done`);
  return ms;
}

async function main() {
  const all = [work("the long one", 60), work("the short one", 5), work("the middle one", 30)];
  console.log("all three have begun");
  const total = (await Promise.all(all)).reduce((a, b) => a + b);
  console.log(`together they asked for ${total} ms`);
}

main();
