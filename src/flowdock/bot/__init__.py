r"""Chat bots: functions that answer what is said, once, whatever goes down meanwhile.

from flowdock.bot import Bot

bot = Bot()

@bot.hears(r"deploy (?P<service>\w+)")
async def deploy(message, service):
    await message.reply(f"deploying {service}")

bot.run()
"""

from flowdock.bot.bot import Bot
from flowdock.bot.matching import (
    Filter,
    in_flow,
    in_private,
    in_thread,
    mentioning_me,
    of_event,
    sent_by,
    tagged,
    with_status,
)
from flowdock.bot.memory import State
from flowdock.bot.message import Message, PlainMessage
from flowdock.bot.plain import PlainBot

__all__ = [
    "Bot",
    "Filter",
    "Message",
    "PlainBot",
    "PlainMessage",
    "State",
    "in_flow",
    "in_private",
    "in_thread",
    "mentioning_me",
    "of_event",
    "sent_by",
    "tagged",
    "with_status",
]
