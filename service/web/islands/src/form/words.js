/* Words of the form; the first block says what is wrong with a field. */
export default {
  zh: {
    required: '请填写此项', choose: '请选择一项', tick: '请至少勾选一项', must_tick: '须勾选后才能提交', rows: '请至少填写一行',
    not_a_number: '请输入数字', not_whole: '请输入整数', decimals: '至多 {digits} 位小数', not_money: '金额应为数字，至多两位小数，例如 1234.50', negative_money: '金额不得为负数',
    min: '不得小于 {value}', max: '不得大于 {value}', min_length: '已写 {count} 字，还差 {short} 字', max_length: '已写 {count} 字，超出 {over} 字', pattern: '格式不正确',
    email: '电子邮箱格式不正确', phone: '电话号码格式应为 +8613800000000',
    id_number: '身份证号应为 18 位，且校验码、出生日期正确', credit_code: '统一社会信用代码应为 18 位，且校验码正确', mobile: '请填 11 位手机号，以 13 至 19 开头',
    not_a_date: '日期应写成 2026-11-23', past_date: '不得早于今天', not_a_time: '时间应写成 09:30',
    summary_one: '还不能提交，有 1 处要补', summary_many: '还不能提交，有 {count} 处要补', labelled: '{label}：{message}', row: '{list}第 {row} 行 · {label}',
    recorded: '本次提交已记入办理历史。', refused: '没有提交成功',
    optional: '选填', select_one: '请选择', pick_date: '打开日历', yuan: '元', counter: '{count} 字', counter_max: '{count} / {max} 字', counter_min: '{count} 字，至少 {min} 字',
    draft_saving: '正在存草稿', draft_saved: '草稿已存 {time}', draft_failed: '草稿未存：{reason}', draft_same: '草稿没有改动',
    sending: '正在提交', sent: '已提交', halted: '已记录。提交过早，办件已中止，等待监察员处置。',
    unsupported: '表单里有本页不认识的字段：{type}', 'Add new': '添加一行', 'Remove list item': '删除第 {row} 行'
  },
  en: {
    required: 'Fill in this field', choose: 'Choose one', tick: 'Tick at least one', must_tick: 'Tick this before you submit', rows: 'Fill in at least one row',
    not_a_number: 'Enter a number', not_whole: 'Enter a whole number', decimals: 'At most {digits} decimal places', not_money: 'An amount is a number with at most two decimals, such as 1234.50', negative_money: 'An amount must not be negative',
    min: 'Not less than {value}', max: 'Not more than {value}', min_length: '{count} characters so far, {short} more needed', max_length: '{count} characters, {over} too many', pattern: 'The format is wrong',
    email: 'Not a valid e-mail address', phone: 'A phone number looks like +8613800000000',
    id_number: 'An ID number has 18 characters, a real date and a right check digit', credit_code: 'A credit code has 18 characters and a right check character', mobile: 'Enter an 11-digit mobile number that begins with 13 to 19',
    not_a_date: 'Write the date as 2026-11-23', past_date: 'Not before today', not_a_time: 'Write the time as 09:30',
    summary_one: 'Not submitted yet: 1 thing is missing', summary_many: 'Not submitted yet: {count} things are missing', labelled: '{label}: {message}', row: '{list}, row {row} · {label}',
    recorded: 'This attempt is in the history of the case.', refused: 'Not submitted',
    optional: 'optional', select_one: 'Choose', pick_date: 'Open the calendar', yuan: 'CNY', counter: '{count} characters', counter_max: '{count} / {max} characters', counter_min: '{count} characters, at least {min}',
    draft_saving: 'Saving the draft', draft_saved: 'Draft saved {time}', draft_failed: 'Draft not saved: {reason}', draft_same: 'Nothing has changed since the draft',
    sending: 'Submitting', sent: 'Submitted', halted: 'Recorded. It came too early: the case is halted and waits for the supervisor.',
    unsupported: 'This form has a field that this page does not know: {type}', 'Add new': 'Add a row', 'Remove list item': 'Remove row {row}'
  }
};
