// An attempt at a quiz: saves each answer as it is given, shows the time that is left, moves items.
import { Keeper } from "../quiz/keeper";
import { bringOrderToLife } from "../quiz/order";
import { runTimer } from "../quiz/timer";

const form = document.querySelector<HTMLFormElement>("form[data-attempt]");
if (form) {
  for (const list of form.querySelectorAll<HTMLElement>("[data-order]")) {
    bringOrderToLife(list, form.dataset);
  }
  const keeper = new Keeper(form);
  const timer = document.querySelector<HTMLElement>(".timer");
  if (timer) {
    const running = runTimer(timer, async () => {
      await keeper.flush();
      location.reload();
    });
    keeper.onRemaining = running.correct;
  }
  keeper.start();
}
