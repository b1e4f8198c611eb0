"""A stand-up bot: collects what everyone does today, and tells it all once a day in the flow.

    STANDUP_FLOW=acme/main python examples/standup_bot.py

Write to it in private, or mention it:

    standup                   it asks what you did, what you do today and what stands in your way
    report                    what was collected so far
    skip                      takes your own back

Once a day it reminds, and with `report` its collection begins anew. What it collects survives restarts; a stand-up that
is half told when the bot is restarted goes on with the same question. It speaks as whoever owns $FLOWDOCK_TOKEN.
"""

import os

from flowdock.bot import Bot, Message, State

QUESTIONS = ("What did you do yesterday?", "What will you do today?", "Is anything in your way?")
FLOW = os.environ.get("STANDUP_FLOW", "acme/main")

bot = Bot()


@bot.command("standup", help="asks what you did, what you do and what stands in your way")
async def standup(message: Message, bot_state: State) -> None:
    """Ask one thing after the other, then keep all answers at once."""
    answers = [(await message.ask(question)).text for question in QUESTIONS]
    # Changed after the last question: what is remembered belongs to a stand-up that was told to its end.
    bot_state["told"] = {**bot_state.get("told", {}), message.nick: answers}
    await message.reply("Thank you!")


@bot.command("skip", help="takes your own back")
async def skip(message: Message, bot_state: State) -> None:
    """Forget what somebody told."""
    told = dict(bot_state.get("told", {}))
    was_there = told.pop(message.nick, None) is not None
    bot_state["told"] = told
    await message.reply("Forgotten" if was_there else "You told nothing yet")


@bot.command("report", help="tells what everyone said, and begins anew")
async def report(message: Message, bot_state: State) -> None:
    """Say everything in one message."""
    await message.reply(written(bot_state.get("told", {})))
    bot_state["told"] = {}


@bot.every(hours=24)
async def remind(bot: Bot) -> None:
    """Say that it is time."""
    await bot.say(FLOW, f"Stand-up! Write me `standup`, or `@{bot.me['nick']} standup` here", tags=["standup"])


def written(told: dict[str, list[str]]) -> str:
    """The stand-up as one text, people in the order of their nicks."""
    if not told:
        return "Nobody told anything yet"
    parts = []
    for nick, (did, does, blocked) in sorted(told.items()):
        parts.append(f"**{nick}** did: {did}\n  does: {does}\n  in the way: {blocked}")
    return "\n".join(parts)


if __name__ == "__main__":
    bot.run()
