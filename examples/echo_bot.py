"""An echo bot: what follows `echo` comes back in the thread where it was said, or in private.

    python examples/echo_bot.py
    flowdock bot run echo_bot --reload        (in the folder of this file)

The bot speaks as whoever owns $FLOWDOCK_TOKEN, or else the token that `flowdock up` stored. Mention it in a flow
(`@robo echo hello`), or write to it in private. Ctrl-C ends it.
"""

from flowdock.bot import Bot, Message

bot = Bot()


@bot.command("echo", help="says again what follows")
async def echo(message: Message, text: str) -> None:
    """Say it again."""
    await message.reply(text or "Echo what?")


if __name__ == "__main__":
    bot.run()
