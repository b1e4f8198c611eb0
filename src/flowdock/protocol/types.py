"""Everything on the wire, as typed dictionaries: what a user gets is exactly the server's JSON.

`Message` is what REST answers and `Event` what streams carry; new kinds of event may appear at any time, so a
reader looks at `event` first and passes over what it does not know.

Source: wire facts 2 and 3.
"""

from typing import Literal, NotRequired, TypeAlias, TypedDict

Colour: TypeAlias = Literal["black", "blue", "cyan", "green", "grey", "lime", "orange", "purple", "red", "yellow"]
COLOURS: tuple[Colour, ...] = (
    "black",
    "blue",
    "cyan",
    "green",
    "grey",
    "lime",
    "orange",
    "purple",
    "red",
    "yellow",
)


class Author(TypedDict):
    """Who an integration says did something."""

    name: str
    avatar: NotRequired[str | None]
    email: NotRequired[str | None]


class Field(TypedDict):
    """A labelled value of a thread; the value may hold HTML `a`."""

    label: str
    value: str


class Status(TypedDict):
    """The coloured state of a thread."""

    color: Colour
    value: str


ViewAction = TypedDict(
    "ViewAction",
    {
        "@type": Literal["ViewAction"],
        "name": str,
        "url": str,
        "description": NotRequired[str | None],
        "image": NotRequired[str | None],
    },
)
"""A link a person may follow from a thread."""

EntryPoint = TypedDict(
    "EntryPoint",
    {"@type": Literal["EntryPoint"], "urlTemplate": str, "httpMethod": NotRequired[str]},
)
"""Where an update action goes."""

UpdateAction = TypedDict(
    "UpdateAction",
    {
        "@type": Literal["UpdateAction"],
        "name": str,
        "target": EntryPoint,
        "description": NotRequired[str | None],
        "image": NotRequired[str | None],
    },
)
"""A button on a thread that makes the service call the integration."""

Action: TypeAlias = ViewAction | UpdateAction


class ThreadState(TypedDict):
    """What an integration says of a thread: it replaces the thread's state."""

    title: str
    body: NotRequired[str | None]
    fields: NotRequired[list[Field] | None]
    status: NotRequired[Status | None]
    external_url: NotRequired[str | None]
    actions: NotRequired[list[Action] | None]


class Application(TypedDict):
    """The software behind a source."""

    id: int
    name: str
    icon_url: str | None
    url: str
    published: bool
    _links: dict[str, dict[str, str]]


class Source(TypedDict):
    """One integration of one flow."""

    id: int
    name: str
    url: str
    external_url: str | None
    created_at: str
    updated_at: str
    application: Application
    _links: dict[str, dict[str, str]]


class Thread(TypedDict):
    """A thread as REST shows it. `updated_at` is moved by activities and discussions, not by chat replies."""

    id: str
    title: str
    body: str | None
    external_url: str | None
    status: Status | None
    actions: list[Action]
    fields: list[Field]
    source: Source | None
    activities: int
    internal_comments: int
    external_comments: int
    updated_at: str
    created_at: str
    initial_message: int


class Image(TypedDict):
    """The size of a picture, in pixels."""

    width: int
    height: int


class Thumbnail(Image):
    """A small copy of a picture."""

    path: str


class FileContent(TypedDict):
    """The `content` of a file message."""

    path: str
    file_name: str
    file_size: int
    content_type: str
    content_disposition: NotRequired[str]
    image: NotRequired[Image]
    thumbnail: NotRequired[Thumbnail]


class CommentContent(TypedDict):
    """The `content` of a comment: the parent's title and the words said."""

    title: str
    text: str


class Posting(TypedDict):
    """What every stored message has, whatever its `event`.

    `id` grows within its flow or private conversation and has gaps. `sent` and `edited` are milliseconds since 1970.
    `user` is the author's id as a string, `"0"` when no user wrote it.
    """

    id: int
    app: str | None
    user: str
    tags: list[str]
    sent: int
    created_at: str
    edited: NotRequired[int | None]
    edited_at: NotRequired[str | None]
    uuid: NotRequired[str | None]
    attachments: list[FileContent]
    emojiReactions: dict[str, list[str]]
    flow: NotRequired[str]
    to: NotRequired[str]
    thread_id: NotRequired[str]
    thread: NotRequired[Thread]
    external_user_name: NotRequired[str]


class ChatMessage(Posting):
    """What a person said; also `/me` lines and status texts."""

    event: Literal["message", "line", "status"]
    content: str


class FileMessage(Posting):
    """An uploaded file."""

    event: Literal["file"]
    content: FileContent


class Comment(Posting):
    """A remark on a message that has no thread."""

    event: Literal["comment"]
    content: CommentContent


class InboxItem(Posting):
    """What an integration presented."""

    event: Literal["activity", "discussion"]
    content: None
    title: str
    body: str | None
    author: Author


class OtherMessage(Posting):
    """A kind this version has no shape for; its `content` is whatever the server says."""

    event: Literal["action", "user-edit", "mail", "rss", "vcs", "jira"]
    content: object


Message: TypeAlias = ChatMessage | FileMessage | Comment | InboxItem | OtherMessage


class MessageEdit(TypedDict):
    """`updated_content` is `""` when the message was deleted."""

    message: int
    updated_content: str | CommentContent


class TagChange(TypedDict):
    """Tags that came to and went from a message."""

    message: int
    add: list[str]
    remove: list[str]


Rethreading = TypedDict("Rethreading", {"message": int, "thread_id": str, "from": str, "thread": Thread})
"""Into which thread a message was moved, with the state of that thread, and from which."""


class EmojiReaction(TypedDict):
    """Somebody's reaction, given or taken back."""

    message: int
    emoji: str
    type: Literal["add", "remove"]


class MessageEdited(Posting):
    """Somebody changed or deleted a message."""

    event: Literal["message-edit"]
    content: MessageEdit


class TagsChanged(Posting):
    """The tags of a message changed."""

    event: Literal["tag-change"]
    content: TagChange


class EmojiReacted(Posting):
    """Somebody reacted to a message."""

    event: Literal["emoji-reaction"]
    content: EmojiReaction


class Rethreaded(Posting):
    """A message was moved to another thread."""

    event: Literal["rethread"]
    content: Rethreading


Event: TypeAlias = Message | MessageEdited | TagsChanged | EmojiReacted | Rethreaded


class User(TypedDict):
    """A person. `nick` is unique, `name` is not."""

    id: int
    nick: str
    email: str
    avatar: str
    name: str
    website: str | None


class FlowUser(User):
    """A person in one flow. Times are milliseconds since 1970, 0 when never seen."""

    disabled: bool
    team_notifications: bool
    in_flow: bool
    status: str | None
    flow_admin: bool
    last_activity: int
    last_ping: int


class Organization(TypedDict):
    """The organization as a flow shows it."""

    id: int
    parameterized_name: str
    name: str
    user_limit: int
    user_count: int
    active: bool
    url: str
    billing_method: NotRequired[str]
    flow_admins: NotRequired[bool]


class Flow(TypedDict):
    """A flow. The members after `organization` come with a single flow only (`users` also with `users=1`).

    `api_token` is for those who may post there. `disabled` is there, and true, only while the flow is archived.
    """

    id: str
    name: str
    parameterized_name: str
    email: str
    description: str
    url: str
    web_url: str
    access_mode: Literal["invitation", "link", "organization"]
    flow_admin: bool
    _links: dict[str, object]
    api_token: NotRequired[str]
    open: bool
    joined: bool
    last_message_at: str | None
    last_message_id: int | None
    team_notifications: bool
    unread_mentions: int
    organization: Organization
    disabled: NotRequired[bool]
    emoji: NotRequired[list[dict[str, str]]]
    integrations: NotRequired[list[dict[str, object]]]
    sources: NotRequired[list[Source]]
    users: NotRequired[list[FlowUser]]
    join_url: NotRequired[str | None]
    invitations: NotRequired[list[dict[str, object]]]
    flow_groups: NotRequired[list[object]]
