// A script as people wrote them for their bots: it answers what it hears, what it is told, and what happens to it.

module.exports = (robot) => {
  robot.hear(/knock (\w+)/i, (response) => response.send(`who is ${response.match[1]}?`))

  robot.respond(/add (\d+) and (\d+)/i, (response) => {
    response.reply(`${Number(response.match[1]) + Number(response.match[2])}`)
  })

  robot.respond(/announce (\S+) in (\S+)/i, (response) => robot.messageRoom(response.match[2], response.match[1]))

  robot.on('flow-add', (flow) => robot.logger.info(`somebody added me to ${flow.name}`))
}
