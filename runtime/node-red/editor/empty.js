/* Runs in the editor, inside a function: a hub without flows leads to the catalogue. */
RED.plugins.registerPlugin('crossdock-empty', {
  type: 'crossdock',
  onadd() {
    RED.events.on('flows:loaded', () => {
      if (RED.nodes.filterNodes({}).length > 0) return;
      const link = $('<a></a>').attr('href', '/workspace/catalogue').text(text('empty-link'));
      const note = RED.notify(
        $('<p></p>')
          .text(`${text('empty')} `)
          .append(link),
        {
          fixed: true,
          buttons: [{ text: text('empty-own'), click: () => note.close() }],
        },
      );
    });
  },
});
